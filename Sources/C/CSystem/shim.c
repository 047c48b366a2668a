#define _GNU_SOURCE
#include "CSystem.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int landfall_spawn(pid_t *pid, char *const argv[], char *const environment[], const char *directory, int input,
                   int output, int error) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) {
        return result;
    }
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return result;
    }
    sigemptyset(&none);
    sigfillset(&all);
    if (input < 0) {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    } else {
        posix_spawn_file_actions_adddup2(&actions, input, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, error, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (directory != NULL) {
        posix_spawn_file_actions_addchdir_np(&actions, directory);
    }
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    result = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

int landfall_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int landfall_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int landfall_pidfd_signal(int descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int landfall_memory_file(void) { return memfd_create("landfall", MFD_CLOEXEC); }

int landfall_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

int landfall_record_lock(int descriptor, int wanted) {
    struct flock lock = {.l_type = wanted < 0 ? F_UNLCK : F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    if (wanted != 0) {
        return fcntl(descriptor, F_SETLK, &lock);
    }
    if (fcntl(descriptor, F_GETLK, &lock) != 0) {
        return -1;
    }
    if (lock.l_type == F_UNLCK) {
        return 0;
    }
    errno = EAGAIN;
    return -1;
}

int landfall_heritable_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

static sigset_t set_of(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) {
        sigaddset(&set, signals[index]);
    }
    return set;
}

void landfall_block_signals(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int landfall_wait_signal(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    int received = 0;
    while (sigwait(&set, &received) != 0) {
    }
    return received;
}

void landfall_name_thread(const char *name) {
    char short_name[16] = {0};
    for (int index = 0; index < 15 && name[index] != 0; index++) {
        short_name[index] = name[index];
    }
    pthread_setname_np(pthread_self(), short_name);
}
