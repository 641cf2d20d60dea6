/* intake_batch.c - messages that are read together and filed in one commit.
 *
 * Each comes from a stored row or from a file that is stored by the job that files it. They are
 * read in the sandbox; while its child is at the next one the words of the last are understood
 * here. The batch owns everything until the writer is done.
 */
#include "mail/intake_internal.h"

#define BATCH_MOST 32
#define BATCH_BYTES ((gsize)4 * 1024 * 1024) /* a batch that has so many is full */
#define BACKLOG 8 /* so many at once are a backlog: they share a child; fewer have one each */
#define RAW_TEXT_MOST                                                                              \
    ((gsize)64 * 1024) /* of a message nobody could read, for the officer's eyes */

struct IntakeBatch {
    const IntakeSettings *settings;
    Actor actor;
    bool forced;
    GPtrArray *items;     /* IntakeItem * */
    gsize bytes;          /* of all */
    GHashTable *desks;    /* office id -> Desk * */
    guint next;           /* whose answer comes next */
    StoreBatch *writing;  /* NULL: nothing is */
    GPtrArray *submitted; /* IntakeItem *, borrowed */
};

/* An office and its hours. */
typedef struct {
    Office *office;
    GArray *openings;
} Desk;

static void desk_free(gpointer data)
{
    Desk *desk = data;
    office_free(desk->office);
    if (desk->openings)
        g_array_unref(desk->openings);
    g_free(desk);
}

static void item_free(gpointer data)
{
    IntakeItem *item = data;
    intake_filing_clear(&item->filing);
    g_free(item->name);
    g_clear_pointer(&item->arrival, arrival_free);
    g_clear_pointer(&item->row, message_free);
    g_clear_pointer(&item->raw, g_bytes_unref);
    g_clear_pointer(&item->mail, mail_message_free);
    g_clear_pointer(&item->arena, arena_free);
    g_free(item->raw_text);
    g_clear_error(&item->failure);
    g_free(item);
}

IntakeBatch *intake_batch_new(const IntakeSettings *settings, const Actor *forced_by)
{
    IntakeBatch *batch = g_new0(IntakeBatch, 1);
    batch->settings = settings;
    batch->forced = forced_by != NULL;
    batch->actor =
        forced_by ? *forced_by : (Actor){.kind = ACTOR_CITIZEN, .at = clock_now(settings->clock)};
    batch->items = g_ptr_array_new_with_free_func(item_free);
    batch->desks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, desk_free);
    batch->submitted = g_ptr_array_new();
    return batch;
}

void intake_batch_free(IntakeBatch *batch)
{
    if (!batch)
        return;
    g_assert(!batch->writing);
    g_ptr_array_unref(batch->submitted);
    g_ptr_array_unref(batch->items);
    g_hash_table_unref(batch->desks);
    g_free(batch);
}

GPtrArray *intake_batch_items(IntakeBatch *batch)
{
    return batch->items;
}

bool intake_batch_is_full(const IntakeBatch *batch)
{
    return batch->items->len >= BATCH_MOST || batch->bytes >= BATCH_BYTES;
}

/* --- what is in it ------------------------------------------------------------------------- */

static const Desk *desk_of(IntakeBatch *batch, Db *db, gint64 office_id, GError **error)
{
    Desk *known = g_hash_table_lookup(batch->desks, &office_id);
    if (known)
        return known;
    Desk *desk = g_new0(Desk, 1);
    desk->office = office_find(db, office_id, error);
    desk->openings = desk->office ? office_openings(db, office_id, error) : NULL;
    if (!desk->openings) {
        desk_free(desk);
        return NULL;
    }
    g_hash_table_insert(batch->desks, &desk->office->id, desk);
    return desk;
}

static void add(IntakeBatch *batch, IntakeItem *item, const Desk *desk)
{
    item->openings = desk->openings;
    item->filing.mine = (IntakeCase){
        .settings = batch->settings,
        .office = desk->office,
        .row = item->row,
        .actor = batch->actor,
        .forced = batch->forced,
    };
    batch->bytes += item->run.length;
    g_ptr_array_add(batch->items, item);
}

static bool is_wanted(const IntakeBatch *batch, const Message *row, GError **error)
{
    if (batch->forced ? row->state != MESSAGE_STORED && row->reason != NULL
                      : row->state == MESSAGE_STORED)
        return true;
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                        batch->forced ? "the message is no other mail" : "the message was filed");
    return false;
}

bool intake_batch_add_row(IntakeBatch *batch, gint64 id, GError **error)
{
    IntakeItem *item = g_new0(IntakeItem, 1);
    const Desk *desk = NULL;
    Db *db = store_reader(batch->settings->store);
    item->row = message_find(db, id, error);
    if (item->row && is_wanted(batch, item->row, error))
        desk = desk_of(batch, db, item->row->office_id, error);
    if (desk)
        item->raw = message_raw(db, id, error);
    store_reader_done(batch->settings->store, db);
    if (!item->raw) {
        item_free(item);
        return false;
    }
    item->run.bytes = g_bytes_get_data(item->raw, &item->run.length);
    item->run.received_at = item->row->received_at;
    add(batch, item, desk);
    return true;
}

bool intake_batch_add_file(IntakeBatch *batch, const char *name, Arrival *arrival, gint64 office_id,
                           GError **error)
{
    IntakeItem *item = g_new0(IntakeItem, 1);
    item->name = g_strdup(name);
    item->arrival = arrival;
    Db *db = store_reader(batch->settings->store);
    const Desk *desk = desk_of(batch, db, office_id, error);
    store_reader_done(batch->settings->store, db);
    if (!desk || !arrival_row(arrival, office_id, batch->actor.at, &item->arrived, error)) {
        item_free(item);
        return false;
    }
    item->filing.arrival = &item->arrived;
    item->row = g_new0(Message, 1);
    item->row->id = item->arrived.id;
    item->row->office_id = office_id;
    item->row->size = item->arrived.size;
    item->row->truncated = item->arrived.truncated;
    item->row->received_at = item->arrived.received_at;
    item->run.bytes = item->arrived.bytes;
    item->run.length = item->arrived.length;
    item->run.received_at = item->arrived.received_at;
    add(batch, item, desk);
    return true;
}

/* --- reading ------------------------------------------------------------------------------- */

/* Printable, so that a person may read what no parser could. */
static char *printable(const SandboxRun *run)
{
    g_autofree char *valid =
        g_utf8_make_valid((const char *)run->bytes, (gssize)MIN(run->length, RAW_TEXT_MOST));
    GString *text = g_string_new(NULL);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\n' || c == '\t' || !g_unichar_iscntrl(c))
            g_string_append_unichar(text, c);
    }
    return g_string_free(text, FALSE);
}

/* Nobody can read it: `mail` stays NULL. A failure is worth another try. */
static void take_answer(IntakeItem *item, SandboxRun *run)
{
    g_autoptr(GError) why = g_steal_pointer(&run->error);
    g_autofree char *answer = g_steal_pointer(&run->answer);
    if (answer)
        item->mail = mail_message_from_json(answer, run->answer_length, &why);
    if (item->mail)
        return;
    if (g_error_matches(why, SANDBOX_ERROR, SANDBOX_ERROR_GONE)) {
        item->failure = g_steal_pointer(&why);
        return;
    }
    g_warning("event=message_unreadable message=%" G_GINT64_FORMAT " error=\"%s\"", item->row->id,
              why->message);
    item->raw_text = printable(run);
}

static void answered(SandboxRun *run, gpointer data)
{
    IntakeBatch *batch = data;
    IntakeItem *item = g_ptr_array_index(batch->items, batch->next++);
    take_answer(item, run);
    IntakeCase *mine = &item->filing.mine;
    mine->mail = item->mail;
    mine->raw_text = item->raw_text;
    if (!item->mail)
        return;
    item->arena = arena_new();
    mine->reading =
        intake_read(item->arena, item->mail, mine->office, item->openings, batch->actor.at);
}

void intake_batch_read(IntakeBatch *batch)
{
    guint n = batch->items->len;
    g_autofree SandboxRun *runs = g_new0(SandboxRun, MAX(n, 1));
    for (guint i = 0; i < n; i++)
        runs[i] = ((IntakeItem *)g_ptr_array_index(batch->items, i))->run;
    sandbox_run_many(batch->settings->sandbox, runs, n, n >= BACKLOG ? n : 1, answered, batch);
}

/* --- filing -------------------------------------------------------------------------------- */

void intake_batch_submit(IntakeBatch *batch)
{
    gpointer filings[BATCH_MOST];
    for (guint i = 0; i < batch->items->len; i++) {
        IntakeItem *item = g_ptr_array_index(batch->items, i);
        g_clear_pointer(&item->raw, g_bytes_unref); /* may be large; the rest needs it no more */
        if (item->failure)
            continue;
        filings[batch->submitted->len] = &item->filing;
        g_ptr_array_add(batch->submitted, item);
    }
    batch->writing =
        store_submit(batch->settings->store, intake_file, filings, batch->submitted->len);
}

void intake_batch_collect(IntakeBatch *batch)
{
    GError *errors[BATCH_MOST] = {0};
    store_collect(g_steal_pointer(&batch->writing), errors);
    for (guint i = 0; i < batch->submitted->len; i++)
        ((IntakeItem *)g_ptr_array_index(batch->submitted, i))->failure = errors[i];
}
