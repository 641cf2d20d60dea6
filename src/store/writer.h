/* writer.h - the one thread that writes. Used by store.c only. */
#pragma once
#include "store/store.h"

typedef struct Writer Writer;

Writer *writer_new(Db *db); /* takes the connection over */
/* Runs what waits, ends the thread, checkpoints and closes the connection. */
void writer_free(Writer *writer);
StoreBatch *writer_submit(Writer *writer, StoreJob *job, gpointer *data, guint n);
void writer_collect(StoreBatch *batch, GError **errors);
bool writer_run(Writer *writer, StoreJob *job, gpointer data, GError **error);
void writer_counts(Writer *writer, guint64 *jobs, guint64 *commits);
