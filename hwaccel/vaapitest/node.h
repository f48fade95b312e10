// Lets a display be opened over any character device.
#ifndef LEGROOM_VAAPITEST_NODE_H
#define LEGROOM_VAAPITEST_NODE_H

void legroom_vaapitest_node(void);

#endif
