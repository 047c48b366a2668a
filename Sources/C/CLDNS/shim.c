#include "CLDNS.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_LENGTH = 12 };

static long long uptime_milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/// 0, or a negated errno value.
static int await(int socket, short events, long long deadline) {
    for (;;) {
        long long left = deadline - uptime_milliseconds();
        if (left <= 0) {
            return -ETIMEDOUT;
        }
        struct pollfd descriptor = {.fd = socket, .events = events};
        int ready = poll(&descriptor, 1, (int)left);
        if (ready > 0) {
            return 0;
        }
        if (ready < 0 && errno != EINTR) {
            return -errno;
        }
    }
}

static int send_all(int socket, const uint8_t *bytes, size_t length, long long deadline) {
    while (length > 0) {
        ssize_t count = send(socket, bytes, length, MSG_NOSIGNAL);
        if (count >= 0) {
            bytes += count;
            length -= (size_t)count;
        } else if (errno == EAGAIN) {
            int result = await(socket, POLLOUT, deadline);
            if (result != 0) {
                return result;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

/// The count of bytes received, at least one, or a negated errno value.
static int receive_some(int socket, uint8_t *bytes, size_t length, long long deadline) {
    for (;;) {
        int result = await(socket, POLLIN, deadline);
        if (result != 0) {
            return result;
        }
        ssize_t count = recv(socket, bytes, length, 0);
        if (count > 0) {
            return (int)count;
        }
        if (count == 0) {
            return -ECONNRESET;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return -errno;
        }
    }
}

static int receive_all(int socket, uint8_t *bytes, size_t length, long long deadline) {
    while (length > 0) {
        int count = receive_some(socket, bytes, length, deadline);
        if (count < 0) {
            return count;
        }
        bytes += count;
        length -= (size_t)count;
    }
    return 0;
}

static bool answers(const uint8_t *query, const uint8_t *answer, int length) {
    return length >= HEADER_LENGTH && answer[0] == query[0] && answer[1] == query[1];
}

static int exchange_udp(int socket, const uint8_t *query, size_t length, uint8_t *answer, size_t capacity,
                        long long deadline) {
    int result = send_all(socket, query, length, deadline);
    while (result == 0) {
        int count = receive_some(socket, answer, capacity, deadline);
        if (count < 0 || answers(query, answer, count)) {
            return count;
        }
    }
    return result;
}

/// RFC 1035 §4.2.2: two bytes of length before each message.
static int send_message(int socket, const uint8_t *message, size_t length, long long deadline) {
    uint8_t prefix[2] = {(uint8_t)(length >> 8), (uint8_t)length};
    int result = send_all(socket, prefix, sizeof prefix, deadline);
    return result != 0 ? result : send_all(socket, message, length, deadline);
}

/// The message's length, or a negated errno value.
static int receive_message(int socket, uint8_t *message, size_t capacity, long long deadline) {
    uint8_t prefix[2];
    int result = receive_all(socket, prefix, sizeof prefix, deadline);
    if (result != 0) {
        return result;
    }
    int expected = prefix[0] << 8 | prefix[1];
    if ((size_t)expected > capacity) {
        return -EMSGSIZE;
    }
    result = receive_all(socket, message, (size_t)expected, deadline);
    return result != 0 ? result : expected;
}

static int exchange_tcp(int socket, const uint8_t *query, size_t length, uint8_t *answer, size_t capacity,
                        long long deadline) {
    int result = send_message(socket, query, length, deadline);
    if (result != 0) {
        return result;
    }
    int count = receive_message(socket, answer, capacity, deadline);
    return count < 0 || answers(query, answer, count) ? count : -EBADMSG;
}

static int connect_within(int socket, const struct addrinfo *target, long long deadline) {
    if (connect(socket, target->ai_addr, target->ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return -errno;
    }
    int result = await(socket, POLLOUT, deadline);
    if (result != 0) {
        return result;
    }
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
    return -error;
}

/// A connected socket, or a negated errno value.
static int open_socket(const char *address, uint16_t port, int type, long long deadline) {
    char service[6];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = type};
    struct addrinfo *target = NULL;
    if (getaddrinfo(address, service, &hints, &target) != 0) {
        return -EINVAL;
    }
    int descriptor = socket(target->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int result = descriptor < 0 ? -errno : connect_within(descriptor, target, deadline);
    freeaddrinfo(target);
    if (result != 0 && descriptor >= 0) {
        close(descriptor);
    }
    return result != 0 ? result : descriptor;
}

static bool fits(size_t length) { return length >= HEADER_LENGTH && length <= UINT16_MAX; }

int landfall_dns_exchange(const char *address, uint16_t port, bool tcp, const uint8_t *query, size_t length,
                          uint8_t *answer, size_t capacity, int milliseconds) {
    if (!fits(length)) {
        return -EINVAL;
    }
    long long deadline = uptime_milliseconds() + milliseconds;
    int descriptor = open_socket(address, port, tcp ? SOCK_STREAM : SOCK_DGRAM, deadline);
    if (descriptor < 0) {
        return descriptor;
    }
    int result = tcp ? exchange_tcp(descriptor, query, length, answer, capacity, deadline)
                     : exchange_udp(descriptor, query, length, answer, capacity, deadline);
    close(descriptor);
    return result;
}

int landfall_dns_connect(const char *address, uint16_t port, int milliseconds) {
    return open_socket(address, port, SOCK_STREAM, uptime_milliseconds() + milliseconds);
}

int landfall_dns_send(int descriptor, const uint8_t *message, size_t length, int milliseconds) {
    return fits(length) ? send_message(descriptor, message, length, uptime_milliseconds() + milliseconds) : -EINVAL;
}

int landfall_dns_receive(int descriptor, uint8_t *message, size_t capacity, int milliseconds) {
    return receive_message(descriptor, message, capacity, uptime_milliseconds() + milliseconds);
}
