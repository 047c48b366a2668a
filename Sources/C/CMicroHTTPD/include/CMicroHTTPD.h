#pragma once
#include <microhttpd.h>

// MHD_start_daemon is variadic; this is its typed form.

/// Serves the listening `socket` on one thread of libmicrohttpd's own, which sleeps in epoll; null if that fails.
/// From then on the socket belongs to the daemon, which closes it when it stops.
struct MHD_Daemon *landfall_mhd_start(int socket, unsigned int connection_limit, unsigned int idle_seconds,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      void *context);
