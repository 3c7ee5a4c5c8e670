/* Any text is a settings file or is refused with a message; what is accepted shows itself. */
#include "fuzz/fuzz.h"

#include "base/file.h"
#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/ehub-fuzz-conf-%d.yaml", (int)getpid());
    Err err = {0};
    BUG_ON(file_write(path, (Str){(const char *)data, size}, 0600, &err) != ERR_NONE);
    ConfSource src = {.file = path, .environ_ = (const char *const[]){"HOME=/home", NULL}};
    const Conf *c = NULL;
    if (conf_load(&src, &c, &err) != ERR_NONE) {
        BUG_ON(c || !err.msg[0]);
    } else {
        CLEANUP(buf_done) Buf out = BUF(1u << 22);
        BUG_ON(!c->data_dir[0] || c->http_port < 1 || c->http_port > 65535);
        BUG_ON(conf_show(&src, true, &out, &err) != ERR_NONE);
        conf_unref(c);
    }
    unlink(path);
    return 0;
}
