/*
 * Preloaded into a process (LD_PRELOAD), notes what it writes to a database and what it syncs, so that a test can put together what a
 * disk may hold when the power fails at any moment.
 *
 * The trace (its path is in KAFKADO_TRACE) is a row of frames: u8 op, u8 flags, u8 file, i64 offset, u32 length, the bytes; little-endian.
 * Files are LMDB's data.mdb, those that are to take its place (data.mdb.new…), SQLite's data.sqlite with its journals, and all in the folder
 * journal, numbered as they are made.
 *   W  a write begins; flag 1: its descriptor is O_DSYNC, so it is durable once a Y follows
 *   Y  the O_DSYNC write at that offset has returned
 *   T  the file is cut off at, or grown to, that offset
 *   B  a sync begins       D  it has returned: what was written before the last B is durable
 *   C  the file was made under a name (the bytes)     R  it has got another name
 *   U  the name was removed                           F  the folder's names are synced
 *   A  a line is written to acknowledged.log: somebody has been told
 *   E  a call has failed, as it was told to
 *
 * KAFKADO_FAIL_SYNC=N lets the Nth sync fail with EIO, KAFKADO_FAIL_WRITE=N the Nth write with ENOSPC, each without being made. A durable write
 * to a journal file is a sync, too; it fails when it was made.
 *
 * Writes and lines are noted before they are made, and syncs after they have returned, so the trace never claims too much.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NONE, DATABASE, DATABASE_DSYNC, ACKNOWLEDGED, FOLDER };

static char kinds[4096];
static unsigned char files[4096];
static ino_t inodes[4096];
static char names[256][1024];
static int file_count;
static int trace = -1;
static long syncs_left = -1, writes_left = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void start(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  if (getenv("KAFKADO_FAIL_SYNC")) syncs_left = atol(getenv("KAFKADO_FAIL_SYNC"));
  if (getenv("KAFKADO_FAIL_WRITE")) writes_left = atol(getenv("KAFKADO_FAIL_WRITE"));
  const char *path = getenv("KAFKADO_TRACE");
  if (path) trace = real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void note(char op, char flags, unsigned char file, int64_t offset, const struct iovec *parts, int count) {
  uint32_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  char header[15];
  header[0] = op;
  header[1] = flags;
  header[2] = file;
  memcpy(header + 3, &offset, 8);
  memcpy(header + 11, &length, 4);
  pthread_mutex_lock(&mutex);
  real_write(trace, header, sizeof header);
  for (int i = 0; i < count; i++) {
    const char *from = parts[i].iov_base;
    for (size_t left = parts[i].iov_len; left > 0;) {
      ssize_t written = real_write(trace, from, left);
      if (written <= 0) abort();
      from += written;
      left -= written;
    }
  }
  pthread_mutex_unlock(&mutex);
}

/* What a descriptor is. Some calls close and open descriptors past this library, so the file is looked at too. */
static int kind(int fd) {
  struct stat found;
  if (trace < 0 || fd < 0 || fd >= (int)sizeof kinds || kinds[fd] == NONE) return NONE;
  return fstat(fd, &found) == 0 && found.st_ino == inodes[fd] ? kinds[fd] : NONE;
}

static int is_named(const char *path, const char *name) {
  size_t length = strlen(path), wanted = strlen(name);
  return length >= wanted && strcmp(path + length - wanted, name) == 0;
}

/* The name of a file that is followed, with its slash, or NULL. What SQLite keeps in data.sqlite-shm is made anew after a crash. */
static const char *followed(const char *path) {
  const char *base = strrchr(path, '/');
  const char *journal = strstr(path, "/data/journal/");
  if (journal) return journal + strlen("/data");
  if (!base || is_named(path, "-lock") || is_named(path, "-shm")) return NULL;
  return strncmp(base, "/data.mdb", 9) == 0 || strncmp(base, "/data.sqlite", 12) == 0 ? base : NULL;
}

/* What the engine writes to. A copy that is to take the place of the database may fail without harm, so it is left out. */
static int is_database(const char *path) {
  return is_named(path, "/data.mdb") || is_named(path, "/data.sqlite") || is_named(path, "/data.sqlite-wal") || is_named(path, ".journal");
}

static void note_name(char op, unsigned char file, const char *base) {
  struct iovec part = {(void *)(base + 1), strlen(base + 1)};
  note(op, 0, file, 0, &part, 1);
}

/* The number of the file of that name; a new one when it has none yet. */
static int file_of(const char *path) {
  pthread_mutex_lock(&mutex);
  int file = 0;
  while (file < file_count && strcmp(names[file], path) != 0) file++;
  if (file == file_count) strncpy(names[file_count++ % 256], path, sizeof names[0] - 1);
  pthread_mutex_unlock(&mutex);
  return file;
}

/* Whether opening it will make the file. */
static int makes(const char *path, int flags) { return trace >= 0 && flags & O_CREAT && followed(path) && access(path, F_OK) != 0; }

static int opened(int fd, const char *path, int flags, int is_made) {
  if (fd < 0 || fd >= (int)sizeof kinds) return fd;
  kinds[fd] = NONE;
  const char *base = followed(path);
  if (base) {
    kinds[fd] = flags & O_DSYNC ? DATABASE_DSYNC : DATABASE;
    files[fd] = file_of(path);
    if (is_made) note_name('C', files[fd], base);
  }
  if (is_named(path, "/data") || is_named(path, "/data/journal")) kinds[fd] = FOLDER;
  if (is_named(path, "/acknowledged.log")) kinds[fd] = ACKNOWLEDGED;
  struct stat found;
  if (kinds[fd] != NONE && fstat(fd, &found) == 0) inodes[fd] = found.st_ino;
  return fd;
}

static void forget_name(const char *path) {
  for (int i = 0; i < file_count; i++) if (strcmp(names[i], path) == 0) names[i][0] = 0;
}

int rename(const char *from, const char *to) {
  int result = real_rename(from, to);
  if (trace < 0 || result != 0 || !followed(to)) return result;
  int file = file_of(from);
  pthread_mutex_lock(&mutex);
  forget_name(to);
  strcpy(names[file], to);
  pthread_mutex_unlock(&mutex);
  note_name('R', file, followed(to));
  return result;
}

int unlink(const char *path) {
  int result = real_unlink(path);
  if (trace < 0 || result != 0 || !followed(path)) return result;
  note_name('U', file_of(path), followed(path));
  pthread_mutex_lock(&mutex);
  forget_name(path);
  pthread_mutex_unlock(&mutex);
  return result;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) int is_made = makes(path, flags); return opened(real_open(path, flags, mode), path, flags, is_made); }
int open64(const char *path, int flags, ...) { MODE(flags) int is_made = makes(path, flags); return opened(real_open(path, flags, mode), path, flags, is_made); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) int is_made = makes(path, flags); return opened(real_openat(at, path, flags, mode), path, flags, is_made); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) int is_made = makes(path, flags); return opened(real_openat(at, path, flags, mode), path, flags, is_made); }

int close(int fd) {
  if (fd >= 0 && fd < (int)sizeof kinds) kinds[fd] = NONE;
  return real_close(fd);
}

/* Whether it is the turn of the call that is to fail. */
static int fails(long *left, int error) {
  pthread_mutex_lock(&mutex);
  int now = *left > 0 && --*left == 0;
  pthread_mutex_unlock(&mutex);
  if (now) note('E', 0, 0, 0, NULL, 0);
  if (now) errno = error;
  return now;
}

static int fails_write(int fd) {
  int what = kind(fd);
  return (what == DATABASE || what == DATABASE_DSYNC) && is_database(names[files[fd]]) && fails(&writes_left, ENOSPC);
}

static void note_write(int fd, int64_t offset, const struct iovec *parts, int count) {
  int what = kind(fd);
  if (what == ACKNOWLEDGED) note('A', 0, 0, 0, parts, count);
  else if (what == DATABASE || what == DATABASE_DSYNC) note('W', what == DATABASE_DSYNC, files[fd], offset, parts, count);
}

static void note_written(int fd, int64_t offset) {
  if (kind(fd) == DATABASE_DSYNC) note('Y', 0, files[fd], offset, NULL, 0);
}

/* Whether it is the turn of a durable write to a journal file, whose sync is to fail. */
static int fails_durable_write(int fd) {
  return kind(fd) == DATABASE_DSYNC && is_named(names[files[fd]], ".journal") && fails(&syncs_left, EIO);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  if (fails_write(fd)) return -1;
  struct iovec part = {(void *)bytes, length};
  note_write(fd, offset, &part, 1);
  ssize_t written = real_pwrite(fd, bytes, length, offset);
  if (fails_durable_write(fd)) return -1;
  note_written(fd, offset);
  return written;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  if (fails_write(fd)) return -1;
  note_write(fd, offset, parts, count);
  ssize_t written = real_pwritev(fd, parts, count, offset);
  if (fails_durable_write(fd)) return -1;
  note_written(fd, offset);
  return written;
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

/* LMDB writes pages that lie side by side by lseek and writev. */
static int64_t position(int fd) { return kind(fd) == NONE ? 0 : lseek(fd, 0, SEEK_CUR); }

ssize_t write(int fd, const void *bytes, size_t length) {
  if (fails_write(fd)) return -1;
  struct iovec part = {(void *)bytes, length};
  int64_t offset = position(fd);
  note_write(fd, offset, &part, 1);
  ssize_t written = real_write(fd, bytes, length);
  note_written(fd, offset);
  return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (fails_write(fd)) return -1;
  int64_t offset = position(fd);
  note_write(fd, offset, parts, count);
  ssize_t written = real_writev(fd, parts, count);
  note_written(fd, offset);
  return written;
}

int ftruncate64(int fd, off_t length) {
  int what = kind(fd);
  if (what == DATABASE || what == DATABASE_DSYNC) note('T', 0, files[fd], length, NULL, 0);
  return real_ftruncate(fd, length);
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int (*sync)(int)) {
  int what = kind(fd);
  if (what != DATABASE && what != DATABASE_DSYNC && what != FOLDER) return sync(fd);
  if (what != FOLDER && is_database(names[files[fd]]) && fails(&syncs_left, EIO)) return -1;
  if (what != FOLDER) note('B', 0, files[fd], 0, NULL, 0);
  int result = sync(fd);
  if (result == 0) note(what == FOLDER ? 'F' : 'D', 0, files[fd], 0, NULL, 0);
  return result;
}
int fdatasync(int fd) { return synced(fd, real_fdatasync); }
int fsync(int fd) { return synced(fd, real_fsync); }
