/* Stands between a process and the C library (LD_PRELOAD): every file-system operation on what lies
 * below one folder is counted, written to a log with its data, and can be made to fail.
 *
 * An operation is named by the path behind its descriptor, so none escapes that comes from a
 * library in another language. Nothing happens before `watch` is called. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))
#define KILLED 137

enum fault { NONE, BEFORE, AFTER, TORN, SHORT, FAIL, FAIL_FROM, FULL_FROM };

static char root[PATH_MAX];
static size_t root_length;
static int fault, fault_errno;
static long count, target = -1;

/* ---- what an operation is about ---- */

static int is_watched(const char *path) {
    return root_length && !strncmp(path, root, root_length) &&
           (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return length > 0;
}

/* The absolute path for a name relative to `folder`; 0 where it is none of ours. */
static int watched_name(int folder, const char *name, char *path) {
    if (!root_length || !name) return 0;
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        if (folder == AT_FDCWD) {
            if (syscall(SYS_getcwd, path, PATH_MAX) < 0) return 0;
        } else if (!path_of(folder, path)) {
            return 0;
        }
        size_t used = strlen(path);
        snprintf(path + used, PATH_MAX - used, name[0] ? "/%s" : "%s", name);
    }
    return is_watched(path);
}

/* What was opened by name; anything else is looked up. */
static struct {
    char *path;
    int64_t inode;
} opened_by_name[1024];

static void note(int descriptor, const char *path, int64_t inode) {
    if (descriptor < 0 || descriptor >= 1024) return;
    free(opened_by_name[descriptor].path);
    opened_by_name[descriptor].path = path ? strdup(path) : 0;
    opened_by_name[descriptor].inode = inode;
}

static const char *noted(int descriptor) {
    return descriptor >= 0 && descriptor < 1024 ? opened_by_name[descriptor].path : 0;
}

static int watched_descriptor(int descriptor, char *path) {
    if (!root_length) return 0;
    if (noted(descriptor)) {
        strcpy(path, noted(descriptor));
        return 1;
    }
    return path_of(descriptor, path) && is_watched(path);
}

/* ---- the log ---- */

struct entry {
    int32_t name, path, second, flags;      /* lengths of the texts that follow, and a number */
    int64_t inode, offset, result, error, size;
};

static struct {
    int64_t used, room;                     /* bytes of entries, so far and at most */
    char entries[];
} *written;                                 /* shared with those who read it */

static char *room_for(size_t size) {
    if (written->used + (int64_t)size > written->room) _exit(99);
    written->used += size;
    return written->entries + written->used - size;
}

static void record(const char *name, const char *path, const char *second, int flags,
                   int64_t inode, int64_t offset, int64_t result, const void *data, size_t size) {
    if (!written) return;
    int error = errno;
    if (!second) second = "";
    struct entry entry = {strlen(name), strlen(path), strlen(second), flags, inode,
                          offset,       result,       error,          data ? size : 0};
    char *end = room_for(sizeof entry + entry.name + entry.path + entry.second + entry.size);
    end = mempcpy(end, &entry, sizeof entry);
    end = mempcpy(end, name, entry.name);
    end = mempcpy(end, path, entry.path);
    end = mempcpy(end, second, entry.second);
    if (data) memcpy(end, data, size);
    errno = error;
}

static int64_t inode_of(int descriptor) {
    struct stat found;
    if (noted(descriptor)) return opened_by_name[descriptor].inode;
    return syscall(SYS_fstat, descriptor, &found) ? -1 : (int64_t)found.st_ino;
}

static int64_t inode_at(const char *path) {
    struct stat found;
    int error = errno;
    int64_t inode = syscall(SYS_newfstatat, AT_FDCWD, path, &found, AT_SYMLINK_NOFOLLOW)
                        ? -1 : (int64_t)found.st_ino;
    errno = error;
    return inode;
}

/* ---- faults ---- */

/* Counts one operation and says what is to happen to it. `takes_space`: a full disk refuses it. */
static int arrive(int takes_space) {
    long number = count++;
    if (target < 0 || number < target) return NONE;
    if (fault == FAIL_FROM) return FAIL;
    if (fault == FULL_FROM) return takes_space ? FAIL : NONE;
    if (number > target) return NONE;
    if (fault == BEFORE) _exit(KILLED);
    return fault;
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name);

/* The operation itself, unless it is to fail; TORN is the same as AFTER where nothing can tear. */
#define PERFORM(hit, failed, call) \
    ((hit) == FAIL ? (errno = fault_errno, (failed)) : (call))
#define LEAVE(hit) \
    if ((hit) == AFTER || (hit) == TORN) _exit(KILLED)

/* Operations below `folder` are written to the memory behind `descriptor`, of that many bytes. */
PUBLIC void watch(const char *folder, int descriptor, long size) {
    snprintf(root, sizeof root, "%s", folder);
    void *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) _exit(98);
    written = memory;
    written->used = 0;
    written->room = size - sizeof *written;
    count = 0;
    target = -1;
    root_length = strlen(root);
}

PUBLIC void look_away(void) { root_length = 0; }

PUBLIC void arm(long number, int kind, int error) {
    target = number;
    fault = kind;
    fault_errno = error;
}

PUBLIC long operations(void) { return count; }

PUBLIC void mark(const char *text) { record("mark", text, 0, 0, 0, 0, 0, 0, 0); }

/* ---- names ---- */

static int open_any(int (*call)(int, const char *, int, mode_t), int folder, const char *name,
                    int flags, mode_t mode) {
    char path[PATH_MAX];
    if (!watched_name(folder, name, path)) return call(folder, name, flags, mode);
    int fresh = (flags & O_CREAT) && inode_at(path) < 0;
    int hit = arrive(flags & (O_CREAT | O_TRUNC));
    int opened = PERFORM(hit, -1, call(folder, name, flags, mode));
    if (opened >= 0) {
        note(opened, 0, 0);
        note(opened, path, inode_of(opened));
    }
    if (opened >= 0 && (flags & (O_CREAT | O_TRUNC)))
        record(fresh ? "create" : flags & O_TRUNC ? "truncate" : "open", path, 0, flags,
               inode_of(opened), 0, opened, 0, 0);
    else
        record("open", path, 0, flags, opened < 0 ? -1 : inode_of(opened), 0, opened, 0, 0);
    LEAVE(hit);
    return opened;
}

static int raw_open(int folder, const char *name, int flags, mode_t mode) {
    return syscall(SYS_openat, folder, name, flags, mode);
}

#define MODE(last) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, last); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

PUBLIC int open(const char *name, int flags, ...) {
    MODE(flags) return open_any(raw_open, AT_FDCWD, name, flags, mode);
}
PUBLIC int open64(const char *name, int flags, ...) {
    MODE(flags) return open_any(raw_open, AT_FDCWD, name, flags, mode);
}
PUBLIC int openat(int folder, const char *name, int flags, ...) {
    MODE(flags) return open_any(raw_open, folder, name, flags, mode);
}
PUBLIC int openat64(int folder, const char *name, int flags, ...) {
    MODE(flags) return open_any(raw_open, folder, name, flags, mode);
}

static int named(const char *what, int takes_space, int folder, const char *name, int number,
                 long (*call)(int, const char *, int)) {
    char path[PATH_MAX];
    if (!watched_name(folder, name, path)) return call(folder, name, number);
    int64_t before = inode_at(path);
    int hit = arrive(takes_space);
    int result = PERFORM(hit, -1, call(folder, name, number));
    record(what, path, 0, number, before < 0 ? inode_at(path) : before, 0, result, 0, 0);
    LEAVE(hit);
    return result;
}

static long raw_mkdir(int folder, const char *name, int mode) {
    return syscall(SYS_mkdirat, folder, name, mode);
}
static long raw_unlink(int folder, const char *name, int flags) {
    return syscall(SYS_unlinkat, folder, name, flags);
}
static long raw_chmod(int folder, const char *name, int mode) {
    return syscall(SYS_fchmodat, folder, name, mode);
}
static long raw_access(int folder, const char *name, int mode) {
    return syscall(SYS_faccessat, folder, name, mode);
}
PUBLIC int mkdir(const char *name, mode_t mode) {
    return named("mkdir", 1, AT_FDCWD, name, mode, raw_mkdir);
}
PUBLIC int mkdirat(int folder, const char *name, mode_t mode) {
    return named("mkdir", 1, folder, name, mode, raw_mkdir);
}
PUBLIC int unlink(const char *name) {
    return named("unlink", 0, AT_FDCWD, name, 0, raw_unlink);
}
PUBLIC int remove(const char *name) {
    return named("unlink", 0, AT_FDCWD, name, 0, raw_unlink);
}
PUBLIC int rmdir(const char *name) {
    return named("rmdir", 0, AT_FDCWD, name, AT_REMOVEDIR, raw_unlink);
}
PUBLIC int unlinkat(int folder, const char *name, int flags) {
    return named(flags & AT_REMOVEDIR ? "rmdir" : "unlink", 0, folder, name, flags, raw_unlink);
}
PUBLIC int chmod(const char *name, mode_t mode) {
    return named("chmod", 0, AT_FDCWD, name, mode, raw_chmod);
}
PUBLIC int access(const char *name, int mode) {
    return named("access", 0, AT_FDCWD, name, mode, raw_access);
}

static int two_names(const char *what, long number, int folder, const char *name, int other,
                     const char *second, unsigned flags) {
    char path[PATH_MAX], target_path[PATH_MAX];
    int ours = watched_name(folder, name, path), theirs = watched_name(other, second, target_path);
    if (!ours && !theirs) return syscall(number, folder, name, other, second, flags);
    int64_t inode = inode_at(path);
    int hit = arrive(1);
    int result = PERFORM(hit, -1, (int)syscall(number, folder, name, other, second, flags));
    record(what, path, target_path, flags, inode, 0, result, 0, 0);
    LEAVE(hit);
    return result;
}

PUBLIC int rename(const char *name, const char *second) {
    return two_names("rename", SYS_renameat2, AT_FDCWD, name, AT_FDCWD, second, 0);
}
PUBLIC int renameat(int folder, const char *name, int other, const char *second) {
    return two_names("rename", SYS_renameat2, folder, name, other, second, 0);
}
PUBLIC int renameat2(int folder, const char *name, int other, const char *second, unsigned flags) {
    return two_names("rename", SYS_renameat2, folder, name, other, second, flags);
}
PUBLIC int link(const char *name, const char *second) {
    return two_names("link", SYS_linkat, AT_FDCWD, name, AT_FDCWD, second, 0);
}
PUBLIC int linkat(int folder, const char *name, int other, const char *second, int flags) {
    return two_names("link", SYS_linkat, folder, name, other, second, flags);
}

/* ---- contents ---- */

static ssize_t write_at(int descriptor, const void *data, size_t size, off_t at) {
    return at < 0 ? syscall(SYS_write, descriptor, data, size)
                  : syscall(SYS_pwrite64, descriptor, data, size, at);
}

static ssize_t write_any(int descriptor, const void *data, size_t size, off_t at) {
    char path[PATH_MAX];
    if (!watched_descriptor(descriptor, path)) return write_at(descriptor, data, size, at);
    struct stat found;
    off_t offset = at;
    if (syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND)
        offset = syscall(SYS_fstat, descriptor, &found) ? -1 : found.st_size;
    else if (at < 0)
        offset = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
    int hit = arrive(1);
    if ((hit == TORN || hit == SHORT) && size > 1) size /= 2;
    ssize_t result = PERFORM(hit, -1, write_at(descriptor, data, size, at));
    record("write", path, 0, 0, inode_of(descriptor), offset, result, data,
           result > 0 ? result : 0);
    LEAVE(hit);
    return result;
}

PUBLIC ssize_t write(int descriptor, const void *data, size_t size) {
    return write_any(descriptor, data, size, -1);
}
PUBLIC ssize_t pwrite(int descriptor, const void *data, size_t size, off_t at) {
    return write_any(descriptor, data, size, at);
}
PUBLIC ssize_t pwrite64(int descriptor, const void *data, size_t size, off_t at) {
    return write_any(descriptor, data, size, at);
}
PUBLIC ssize_t writev(int descriptor, const struct iovec *parts, int number) {
    REAL(ssize_t, "writev", int, const struct iovec *, int)
    char path[PATH_MAX];
    if (!watched_descriptor(descriptor, path)) return real(descriptor, parts, number);
    for (int part = 0; part < number; ++part)       /* a short write is a right answer */
        if (parts[part].iov_len)
            return write_any(descriptor, parts[part].iov_base, parts[part].iov_len, -1);
    return 0;
}

#define READ(name, number, parameters, ...) \
    PUBLIC ssize_t name parameters { \
        char path[PATH_MAX]; \
        if (!watched_descriptor(descriptor, path)) return syscall(number, __VA_ARGS__); \
        int hit = arrive(0); \
        if (hit == SHORT && size > 1) size /= 2; \
        ssize_t result = PERFORM(hit, -1, syscall(number, __VA_ARGS__)); \
        record("read", path, 0, 0, inode_of(descriptor), 0, result, 0, 0); \
        LEAVE(hit); \
        return result; \
    }

READ(read, SYS_read, (int descriptor, void *data, size_t size), descriptor, data, size)
READ(pread, SYS_pread64, (int descriptor, void *data, size_t size, off_t at), descriptor, data,
     size, at)
READ(pread64, SYS_pread64, (int descriptor, void *data, size_t size, off_t at), descriptor, data,
     size, at)

/* One operation on a descriptor with a number to it. */
static int described(const char *what, int takes_space, long number, int descriptor, long value) {
    char path[PATH_MAX];
    if (!watched_descriptor(descriptor, path)) return syscall(number, descriptor, value);
    int64_t inode = inode_of(descriptor);
    int hit = arrive(takes_space);
    int result;
    if (number == SYS_close) note(descriptor, 0, 0);
    if (number == SYS_close && hit == FAIL) {       /* it is closed all the same */
        syscall(SYS_close, descriptor);
        errno = fault_errno;
        result = -1;
    } else {
        /* Nobody cuts the power here: what an fsync promises is up to those who read the log. */
        int idle = number == SYS_fsync;
        result = PERFORM(hit, -1, idle ? 0 : (int)syscall(number, descriptor, value));
    }
    record(what, path, 0, 0, inode, value, result, 0, 0);
    LEAVE(hit);
    return result;
}

PUBLIC int fsync(int descriptor) { return described("fsync", 1, SYS_fsync, descriptor, 0); }
PUBLIC int fdatasync(int descriptor) {
    return described("fsync", 1, SYS_fsync, descriptor, 0);
}
PUBLIC int ftruncate(int descriptor, off_t size) {
    return described("ftruncate", 0, SYS_ftruncate, descriptor, size);
}
PUBLIC int ftruncate64(int descriptor, off_t size) {
    return described("ftruncate", 0, SYS_ftruncate, descriptor, size);
}
PUBLIC int flock(int descriptor, int operation) {
    return described("flock", 0, SYS_flock, descriptor, operation);
}
PUBLIC int fchmod(int descriptor, mode_t mode) {
    return described("chmod", 0, SYS_fchmod, descriptor, mode);
}
PUBLIC int close(int descriptor) { return described("close", 0, SYS_close, descriptor, 0); }

static int control(int descriptor, int command, long value) {
    int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
                command == F_OFD_SETLKW;
    char path[PATH_MAX];
    if (!locks || !watched_descriptor(descriptor, path))
        return syscall(SYS_fcntl, descriptor, command, value);
    int hit = arrive(0);
    int result = PERFORM(hit, -1, (int)syscall(SYS_fcntl, descriptor, command, value));
    record("lock", path, 0, command, inode_of(descriptor), 0, result, 0, 0);
    LEAVE(hit);
    return result;
}

#define CONTROL(name) \
    PUBLIC int name(int descriptor, int command, ...) { \
        va_list rest; \
        va_start(rest, command); \
        long value = va_arg(rest, long); \
        va_end(rest); \
        return control(descriptor, command, value); \
    }
CONTROL(fcntl)
CONTROL(fcntl64)

/* ---- looking ---- */

#define LOOK(type, name, parameters, ours, ...) \
    PUBLIC int name parameters { \
        static int (*real) parameters; \
        if (!real) real = (int (*) parameters)dlsym(RTLD_NEXT, #name); \
        char path[PATH_MAX]; \
        if (!(ours)) return real(__VA_ARGS__); \
        int hit = arrive(0); \
        int result = PERFORM(hit, -1, real(__VA_ARGS__)); \
        record("stat", path, 0, 0, 0, 0, result, 0, 0); \
        LEAVE(hit); \
        return result; \
    }
#define LOOK_NAME(type, name) \
    LOOK(type, name, (const char *file, type *found), watched_name(AT_FDCWD, file, path), file, found)
#define LOOK_OPEN(type, name) \
    LOOK(type, name, (int descriptor, type *found), watched_descriptor(descriptor, path), \
         descriptor, found)
#define LOOK_AT(type, name) \
    LOOK(type, name, (int folder, const char *file, type *found, int flags), \
         watched_name(folder, file, path), folder, file, found, flags)

LOOK_NAME(struct stat, stat)
LOOK_NAME(struct stat64, stat64)
LOOK_NAME(struct stat, lstat)
LOOK_NAME(struct stat64, lstat64)
LOOK_OPEN(struct stat, fstat)
LOOK_OPEN(struct stat64, fstat64)
LOOK_AT(struct stat, fstatat)
LOOK_AT(struct stat64, fstatat64)
LOOK(struct statx, statx,
     (int folder, const char *restrict file, int flags, unsigned mask, struct statx *restrict found),
     watched_name(folder, file, path), folder, file, flags, mask, found)

/* Programs built for an older C library ask these. */
#define LOOK_OLD(name, parameter, ours, argument) \
    LOOK(struct stat, name, (int version, parameter, struct stat *found), ours, version, argument, \
         found)
LOOK_OLD(__xstat, const char *file, watched_name(AT_FDCWD, file, path), file)
LOOK_OLD(__xstat64, const char *file, watched_name(AT_FDCWD, file, path), file)
LOOK_OLD(__lxstat, const char *file, watched_name(AT_FDCWD, file, path), file)
LOOK_OLD(__lxstat64, const char *file, watched_name(AT_FDCWD, file, path), file)
LOOK_OLD(__fxstat, int descriptor, watched_descriptor(descriptor, path), descriptor)
LOOK_OLD(__fxstat64, int descriptor, watched_descriptor(descriptor, path), descriptor)

PUBLIC DIR *opendir(const char *name) {
    REAL(DIR *, "opendir", const char *)
    char path[PATH_MAX];
    if (!watched_name(AT_FDCWD, name, path)) return real(name);
    int hit = arrive(0);
    DIR *result = PERFORM(hit, (DIR *)0, real(name));
    record("list", path, 0, 0, 0, 0, result ? 0 : -1, 0, 0);
    LEAVE(hit);
    return result;
}
