/* thread.c - the thread of a request: what came in and what went out, as one list. */
#include "store/letter.h"
#include "store/request.h"

static void entry_free(gpointer data)
{
    ThreadEntry *entry = data;
    message_free(entry->message);
    letter_free(entry->letter);
    g_free(entry);
}

static void add(GPtrArray *thread, gint64 at, Message *message, Letter *letter)
{
    ThreadEntry *entry = g_new(ThreadEntry, 1);
    *entry = (ThreadEntry){at, message, letter};
    g_ptr_array_add(thread, entry);
}

/* Sorting is stable: within one second what came in stands before what answered it. */
static gint by_time(gconstpointer a, gconstpointer b, gpointer unused G_GNUC_UNUSED)
{
    const ThreadEntry *one = *(ThreadEntry *const *)a, *other = *(ThreadEntry *const *)b;
    return (one->at > other->at) - (one->at < other->at);
}

GPtrArray *request_thread(Db *db, gint64 request_id, GError **error)
{
    g_autoptr(GPtrArray) messages = message_list_for_request(db, request_id, error);
    if (messages == NULL)
        return NULL;
    g_autoptr(GPtrArray) letters = letter_list_for_request(db, request_id, error);
    if (letters == NULL)
        return NULL;

    GPtrArray *thread = g_ptr_array_new_with_free_func(entry_free);
    for (guint i = 0; i < messages->len; i++) {
        Message *message = g_ptr_array_index(messages, i);
        add(thread, message->received_at, message, NULL);
    }
    g_ptr_array_set_free_func(messages, NULL); /* the thread owns them now */
    for (guint i = 0; i < letters->len; i++) {
        Letter *letter = g_ptr_array_index(letters, i);
        if (letter->state == LETTER_WITHDRAWN)
            letter_free(letter);
        else
            add(thread, letter->created_at, NULL, letter);
    }
    g_ptr_array_set_free_func(letters, NULL);
    g_ptr_array_sort_with_data(thread, by_time, NULL);
    return thread;
}
