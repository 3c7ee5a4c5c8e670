/* replay.c - runs a fuzz target over its corpus, without libFuzzer: replay_NAME DIRECTORY. An empty corpus is a failure. */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "base/file.h"

#include <dirent.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    int n = 0;
    if (!dir) {
        fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 1;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        char path[4096];
        Err err = {0};
        CLEANUP(buf_done) Buf content = BUF(16u << 20);
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (file_read(path, &content, &err) != ERR_NONE) {
            fprintf(stderr, "%s\n", err.msg);
            return 1;
        }
        (void)LLVMFuzzerTestOneInput((const uint8_t *)buf_cstr(&content), content.len);
        n++;
    }
    closedir(dir);
    printf("%d inputs\n", n);
    return n == 0;
}
