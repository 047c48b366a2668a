#define _GNU_SOURCE
#include "CMicroHTTPD.h"
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

struct MHD_Daemon *landfall_mhd_start(int socket, unsigned int connection_limit, unsigned int client_limit,
                                      unsigned int idle_seconds, const char *certificate, const char *key,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      MHD_NotifyConnectionCallback connected, void *context) {
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, socket, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connection_limit, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, client_limit, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, context},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connected, context},
        {certificate == NULL ? MHD_OPTION_END : MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    return MHD_start_daemon(certificate == NULL ? flags : flags | MHD_USE_TLS, 0, NULL, NULL, handler, context,
                            MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

int landfall_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

bool landfall_mhd_peer_is_owner(struct MHD_Connection *connection) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    int descriptor = landfall_mhd_descriptor(connection);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
    return peer.uid == 0 || peer.uid == geteuid();
}
