/* config_secret.c - a secret in a file of its own, read when it is needed and wiped after. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST 4096 /* bytes; access tokens are long */

static bool refuse(GError **error, const char *file, const char *why)
{
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNREADABLE, "%s: %s", file, why);
    return false;
}

static bool read_file(const char *file, char bytes[LONGEST + 1], GError **error)
{
    struct stat about;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(error, file, g_strerror(errno));
    bool good = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    bool is_open_to_all = good && (about.st_mode & 0007);
    gssize length = good && !is_open_to_all ? read(fd, bytes, LONGEST + 1) : -1;
    close(fd);
    if (is_open_to_all)
        return refuse(error, file, "others can read it: chmod 600 it");
    if (length < 0 || length > LONGEST)
        return refuse(error, file, "no file with a secret in one line");
    bytes[length] = '\0';
    return strlen(bytes) == (gsize)length ||
           refuse(error, file, "no file with a secret in one line");
}

char *config_secret_read(const char *file, GError **error)
{
    char bytes[LONGEST + 1];
    char *secret = NULL;
    if (read_file(file, bytes, error)) {
        g_strstrip(bytes);
        if (*bytes && !strchr(bytes, '\n'))
            secret = g_strdup(bytes);
        else
            refuse(error, file, "no file with a secret in one line");
    }
    explicit_bzero(bytes, sizeof bytes);
    return secret;
}

void config_secret_free(char *secret)
{
    if (!secret)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}
