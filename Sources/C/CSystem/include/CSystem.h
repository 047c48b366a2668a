#pragma once
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>

// What Glibc's Swift overlay does not show.

/// Starts `argv[0]` with exactly `argv` and `environment`: standard input, output and error are the given descriptors,
/// input /dev/null when it is negative, and every other descriptor is closed; it gets its own process group, default
/// signal handling and an empty signal mask. `directory` may be null. Returns 0 or an errno value.
int landfall_spawn(pid_t *pid, char *const argv[], char *const environment[], const char *directory, int input,
                   int output, int error);

/// A descriptor that becomes readable when `pid` ends, or -1 with errno.
int landfall_pidfd_open(pid_t pid);

/// Sends `signal` to the process that a descriptor of `landfall_pidfd_open` holds, and to no later one of the same
/// number. Returns 0 or -1 with errno.
int landfall_pidfd_signal(int descriptor, int signal);

/// A close-on-exec pipe. Returns 0 or -1 with errno.
int landfall_pipe(int descriptors[2]);

/// Takes (1), tests (0) or releases (-1) an advisory record lock on the whole file, as certbot's fcntl.lockf does.
/// Returns 0, or -1 with errno EACCES or EAGAIN when another process holds it.
int landfall_record_lock(int descriptor, int wanted);

/// Takes an advisory record lock on the whole file that belongs to the open file, not to the process: it is inherited with
/// the descriptor, and stands until the last process that has it is gone. Returns 0, or -1 with errno EACCES or EAGAIN when
/// the file is locked already.
int landfall_heritable_lock(int descriptor);

/// A file without a name that only memory holds, closed on exec; -1 with errno where there can be none.
int landfall_memory_file(void);

/// Blocks `signals` in the calling thread and in all threads that it will start.
void landfall_block_signals(const int *signals, int count);

/// Waits for one of `signals` and returns it.
int landfall_wait_signal(const int *signals, int count);

/// Moves the calling thread, and no other, into the network namespace that a descriptor holds. Returns 0 or -1 with errno.
int landfall_enter_network(int descriptor);

/// Names the calling thread; at most 15 characters count.
void landfall_name_thread(const char *name);

/// Gives back what the allocator holds free, and the pages of programs and libraries that were mapped and only read. The
/// latter hold nothing but what their files hold, and come again when they are touched.
void landfall_release_memory(void);
