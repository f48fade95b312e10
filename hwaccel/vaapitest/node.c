#include "node.h"

#include <sys/stat.h>

void legroom_vaapitest_node(void) {}

// libva asks libdrm of what type a device is, and takes the program's own answer before the library's: a character device is
// a render node (type 2).
__attribute__((visibility("default"))) int drmGetNodeTypeFromFd(int fd) {
	struct stat s;
	return fstat(fd, &s) == 0 && S_ISCHR(s.st_mode) ? 2 : -1;
}
