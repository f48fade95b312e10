// Objects have numbers; an application that gives a wrong one gets an error and no crash.
#include "driver.h"

unsigned object_add(struct driver *d, void *object, enum kind kind) {
	unsigned id = VA_INVALID_ID;
	if (!object) return id;
	((struct object *)object)->kind = kind;
	pthread_mutex_lock(&d->lock);
	for (unsigned i = 1; i < MAX_OBJECTS && id == VA_INVALID_ID; i++) {
		if (d->objects[i]) continue;
		d->objects[i] = object;
		id = i;
	}
	pthread_mutex_unlock(&d->lock);
	return id;
}

static struct object *lookup(struct driver *d, unsigned id, enum kind kind, bool remove) {
	if (id == 0 || id >= MAX_OBJECTS) return NULL;
	pthread_mutex_lock(&d->lock);
	struct object *o = d->objects[id];
	if (o && o->kind != kind) o = NULL;
	if (o && remove) d->objects[id] = NULL;
	pthread_mutex_unlock(&d->lock);
	return o;
}

void *object_find(struct driver *d, unsigned id, enum kind kind) { return lookup(d, id, kind, false); }

void *object_take(struct driver *d, unsigned id, enum kind kind) { return lookup(d, id, kind, true); }
