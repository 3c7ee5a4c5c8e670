/* file.h - small whole files and directories.
 *
 * Threads:  any; blocks on the disk. Errors name the path. */
#ifndef EHUB_BASE_FILE_H
#define EHUB_BASE_FILE_H

#include "base/buf.h"

#include <sys/types.h>

/* Appends the file to out (its max is the limit: ERR_LIMIT). ERR_NOT_FOUND, ERR_DENIED, ERR_IO. */
ErrKind MUST_USE file_read(const char *path, Buf *out, Err *reterr);
/* Writes beside, fsyncs, renames: the old content or the new, never a part. */
ErrKind MUST_USE file_write(const char *path, Str content, mode_t mode, Err *reterr);
ErrKind MUST_USE file_mkdirs(const char *path, mode_t mode, Err *reterr); /* like mkdir -p */
bool file_exists(const char *path);

#endif
