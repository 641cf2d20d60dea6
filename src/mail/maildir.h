/* maildir.h - Maildir folders (cr.yp.to/proto/maildir.html): tmp, new, cur. */
#pragma once
#include <glib.h>
#include <stdbool.h>

bool maildir_make(const char *folder,
                  GError **error); /* the folder and its three, mode 0700, when missing */
/* Writes to tmp, syncs file and folder, links into new as `name`. When new or cur already holds the
 * name (any flags) nothing is done: the same letter sent twice is one file. */
bool maildir_write(const char *folder, const char *name, GBytes *bytes, GError **error);
/* Names (char *) in new/, oldest first, at most `most`; owned by the caller. */
GPtrArray *maildir_list_new(const char *folder, guint most, GError **error);
/* new/name to cur/name:2,S */
bool maildir_done(const char *folder, const char *name, GError **error);
/* Removes from tmp what nobody has touched for 36 hours: whoever wrote it is dead. A folder that is
 * not there has none. How many were removed. */
guint maildir_sweep(const char *folder, gint64 system_at);
