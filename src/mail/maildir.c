/* maildir.c - see maildir.h. What is in new/ is whole and on the disk, or not there. */
#include "mail/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEFT_OVER_S (G_GINT64_CONSTANT(36) * 3600) /* cr.yp.to/proto/maildir.html */

static bool failed(const char *what, const char *path, GError **error)
{
    int code = errno;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s %s: %s", what, path,
                g_strerror(code));
    return false;
}

bool maildir_make(const char *folder, GError **error)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(folder, parts[i], NULL);
        if (g_mkdir_with_parents(path, 0700) < 0)
            return failed("cannot make", path, error);
    }
    return true;
}

/* --- writing ------------------------------------------------------------------------------- */

/* new/name, cur/name or cur/name:2,FLAGS */
static bool holds(const char *folder, const char *name)
{
    g_autofree char *fresh = g_build_filename(folder, "new", name, NULL);
    if (g_file_test(fresh, G_FILE_TEST_EXISTS))
        return true;
    g_autofree char *seen = g_build_filename(folder, "cur", NULL);
    g_autoptr(GDir) cur = g_dir_open(seen, 0, NULL);
    gsize length = strlen(name);
    for (const char *entry; cur && (entry = g_dir_read_name(cur));)
        if (strncmp(entry, name, length) == 0 && (entry[length] == '\0' || entry[length] == ':'))
            return true;
    return false;
}

static bool write_synced(int file, GBytes *bytes)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    for (gsize done = 0; done < length;) {
        gssize step = write(file, data + done, length - done);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return false;
        done += (gsize)step;
    }
    return fsync(file) == 0;
}

static bool sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    bool good = fsync(folder) == 0;
    close(folder);
    return good;
}

bool maildir_write(const char *folder, const char *name, GBytes *bytes, GError **error)
{
    if (holds(folder, name))
        return true;
    g_autofree char *unique = g_strdup_printf("%s.%d.%08x", name, (int)getpid(), g_random_int());
    g_autofree char *draft = g_build_filename(folder, "tmp", unique, NULL);
    g_autofree char *inbox = g_build_filename(folder, "new", NULL);
    g_autofree char *final = g_build_filename(inbox, name, NULL);
    int file = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0)
        return failed("cannot write", draft, error);
    bool good = write_synced(file, bytes);
    if (!good)
        failed("cannot write", draft, error);
    close(file);
    if (good && link(draft, final) < 0 && errno != EEXIST)
        good = failed("cannot deliver", final, error);
    g_unlink(draft);
    if (good && !sync_folder(inbox))
        good = failed("cannot sync", inbox, error);
    return good;
}

guint maildir_sweep(const char *folder, gint64 system_at)
{
    g_autofree char *path = g_build_filename(folder, "tmp", NULL);
    DIR *directory = opendir(path);
    if (!directory)
        return 0;
    guint removed = 0;
    for (const struct dirent *found; (found = readdir(directory));) {
        struct stat about;
        if (fstatat(dirfd(directory), found->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(about.st_mode))
            continue;
        gint64 touched_at = (gint64)MAX(about.st_atim.tv_sec, about.st_mtim.tv_sec);
        if (system_at - touched_at > LEFT_OVER_S &&
            unlinkat(dirfd(directory), found->d_name, 0) == 0)
            removed++;
    }
    closedir(directory);
    return removed;
}

/* --- reading ------------------------------------------------------------------------------- */

typedef struct {
    char *name;
    gint64 at; /* of the last change, nanoseconds */
} Entry;

static void entry_clear(gpointer entry)
{
    g_free(((Entry *)entry)->name);
}

static gint by_age(gconstpointer one, gconstpointer other)
{
    const Entry *a = one, *b = other;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return strcmp(a->name, b->name);
}

GPtrArray *maildir_list_new(const char *folder, guint most, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "new", NULL);
    DIR *directory = opendir(path);
    if (!directory) {
        failed("cannot read", path, error);
        return NULL;
    }
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(entries, entry_clear);
    for (const struct dirent *found; (found = readdir(directory));) {
        struct stat about;
        if (found->d_name[0] == '.' || fstatat(dirfd(directory), found->d_name, &about, 0) < 0 ||
            !S_ISREG(about.st_mode))
            continue;
        Entry entry = {g_strdup(found->d_name),
                       (gint64)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec};
        g_array_append_val(entries, entry);
    }
    closedir(directory);
    g_array_sort(entries, by_age);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < MIN(entries->len, most); i++)
        g_ptr_array_add(names, g_strdup(g_array_index(entries, Entry, i).name));
    return names;
}

bool maildir_done(const char *folder, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename(folder, "new", name, NULL);
    g_autofree char *seen = g_strconcat(name, ":2,S", NULL);
    g_autofree char *to = g_build_filename(folder, "cur", seen, NULL);
    if (g_rename(from, to) < 0)
        return failed("cannot move", from, error);
    return true;
}
