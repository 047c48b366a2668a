#pragma once
#include <microhttpd.h>
#include <stdbool.h>

// MHD_start_daemon is variadic; this is its typed form.

/// Serves the listening `socket` on one thread of libmicrohttpd's own, which sleeps in epoll; null if that fails.
/// From then on the socket belongs to the daemon, which closes it when it stops. No `client_limit` is 0.
/// With a certificate and its key, both in PEM, it speaks TLS; they may be null.
struct MHD_Daemon *landfall_mhd_start(int socket, unsigned int connection_limit, unsigned int client_limit,
                                      unsigned int idle_seconds, const char *certificate, const char *key,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      MHD_NotifyConnectionCallback connected, void *context);

/// The socket of a connection, or -1.
int landfall_mhd_descriptor(struct MHD_Connection *connection);

/// Whether the client of a connection on a Unix socket runs as this process' user or as root (unix(7), SO_PEERCRED).
bool landfall_mhd_peer_is_owner(struct MHD_Connection *connection);
