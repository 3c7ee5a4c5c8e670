/* The command line as a user meets it: the built program is run and its output and exit status are looked at.
 */
#include "harness/t.h"

#include "base/buf.h"
#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Runs cli_main in this process with standard output and error in `out`. */
static int run(Buf *out, const char *const *words)
{
    char *argv[20];
    int argc = 0;
    argv[argc++] = (char *)(uintptr_t) "ehub";
    for (; *words; words++)
        argv[argc++] = (char *)(uintptr_t)*words;
    argv[argc] = NULL;
    fflush(stdout);
    fflush(stderr);
    char path[] = "/tmp/ehub-cli-XXXXXX";
    int file = mkstemp(path), old_out = dup(1), old_err = dup(2);
    unlink(path);
    dup2(file, 1);
    dup2(file, 2);
    int status = cli_main(argc, argv);
    fflush(stdout);
    fflush(stderr);
    dup2(old_out, 1);
    dup2(old_err, 2);
    close(old_out);
    close(old_err);
    char chunk[65536];
    lseek(file, 0, SEEK_SET);
    for (ssize_t n; (n = read(file, chunk, sizeof chunk)) > 0;)
        buf_add(out, chunk, (size_t)n);
    close(file);
    return status;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect(const char *const *words, int status, const char *says)
{
    CLEANUP(buf_done) Buf out = BUF(4 << 20);
    int got = run(&out, words);
    if (got != status || !strstr(buf_cstr(&out), says))
        fail_msg("%s %s: status %d, expected %d and \"%s\":\n%s", words[0], words[1] ? words[1] : "", got,
                 status, says, buf_cstr(&out));
}

TEST(wrong_words_are_named_and_exit_64)
{
    expect(WORDS("cnof"), 64, "did you mean \"conf\"?");
    expect(WORDS("conf", "show", "--jsno"), 64, "did you mean --json?");
    expect(WORDS("conf", "show", "extra"), 64, "unexpected argument \"extra\"");
    expect(WORDS("conf"), 64, "a command is missing");
    expect(WORDS("completion"), 64, "needs bash");
    expect(WORDS("conf", "check", "--set"), 64, "--set needs a value");
    expect(WORDS("conf", "show", "--json=1"), 64, "takes no value");
    expect(WORDS("conf", "check", "-x"), 64, "unknown option -x");
}

TEST(the_exit_status_comes_from_the_kind_of_error)
{
    expect(WORDS("conf", "check", "--set", "http.port=x"), 65, "not a whole number");
    expect(WORDS("conf", "check", "--config", "/nonexistent.yaml"), 66, "/nonexistent.yaml");
    expect(WORDS("completion", "fish"), 69, "only bash");
}

static void walk(const CliCmd *cmd, const char **words, int depth)
{
    if (cmd->hidden)
        return;
    assert_non_null(cmd->help);
    assert_true(cmd->help[strlen(cmd->help) - 1] != '.');
    assert_true((cmd->subs != NULL) != (cmd->run != NULL));
    words[depth] = "--help";
    words[depth + 1] = NULL;
    expect(words, 0, "Usage: ehub");
    for (const CliOption *o = cmd->options; o && o->name; o++) {
        assert_true(o - cmd->options < CLI_OPTIONS_MAX); /* a call has a place for each */
        assert_non_null(o->help);
        assert_true((o->kind == CLI_FLAG) == (o->metavar == NULL));
    }
    for (const CliCmd *const *s = cmd->subs; s && *s; s++) {
        words[depth] = (*s)->name;
        walk(*s, words, depth + 1);
    }
}

TEST(every_command_has_help_and_either_subcommands_or_an_action)
{
    const char *words[8];
    walk(&CLI_ROOT, words, 0);
}

TEST(the_completion_script_is_valid_bash)
{
    CLEANUP(buf_done) Buf out = BUF(4 << 20);
    assert_int_equal(run(&out, WORDS("completion", "bash")), 0);
    char path[] = "/tmp/ehub-completion-XXXXXX", command[128];
    int fd = mkstemp(path);
    assert_int_equal(write(fd, out.ptr, out.len), (ssize_t)out.len);
    close(fd);
    snprintf(command, sizeof command,
             "bash -c '. %s; COMP_WORDS=(ehub conf sh); COMP_CWORD=2; _ehub; test \"$COMPREPLY\" = show'",
             path);
    int status = system(command);
    unlink(path);
    assert_int_equal(status, 0);
}

TEST(global_options_may_stand_anywhere)
{
    expect(WORDS("--set", "http.port=4444", "conf", "show"), 0, "4444");
    expect(WORDS("conf", "show", "--set=http.port=4444"), 0, "4444");
    expect(WORDS("conf", "show", "--data", "/some/where"), 0, "/some/where");
    expect(WORDS("--version"), 0, "ehub ");
}

T_MAIN(T(wrong_words_are_named_and_exit_64), T(the_exit_status_comes_from_the_kind_of_error),
       T(every_command_has_help_and_either_subcommands_or_an_action), T(the_completion_script_is_valid_bash),
       T(global_options_may_stand_anywhere))
