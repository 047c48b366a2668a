#pragma once
#include <microhttpd.h>

// MHD_start_daemon and MHD_get_connection_info are variadic; these are their typed forms.

/// Serves the listening `socket` on one thread of libmicrohttpd's own, which sleeps in epoll; null when it cannot.
/// From then on the socket belongs to the daemon, which closes it when it stops.
struct MHD_Daemon *landfall_mhd_start(int socket, unsigned int connection_limit, unsigned int idle_seconds,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      void *context);

/// Writes the client's numeric address to `text`, of at least INET6_ADDRSTRLEN bytes. Returns 0 when it has none.
int landfall_mhd_remote_address(struct MHD_Connection *connection, char *text, socklen_t size);
