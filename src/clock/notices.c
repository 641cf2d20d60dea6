/* notices.c - see notices.h. Looks at the rows, has letters composed, writes them with the mark of
 * what was told. When a digest is due is in digest.c, what happened in store/notice.c, how it is
 * said in mail/officer_letter.c.
 */
#include "clock/notices.h"
#include "base/value.h"
#include "clock/digest.h"
#include "mail/officer_letter.h"

#include <string.h>

#define FRESH_MOST 30
#define UNDELIVERED_MOST 30
#define REQUEST_S 86400 /* older ones are no news */

typedef struct {
    const NoticeSettings *settings;
    Db *db;            /* a reader */
    GPtrArray *people; /* Officer *: who wants something */
    gint64 now, system_now;
} Look;

static bool failed(const char *what, GError *error)
{
    g_warning("event=notice_failed what=%s reason=\"%s\"", what, error ? error->message : "");
    g_clear_error(&error);
    return false;
}

/* --- writing ------------------------------------------------------------------------------- */

typedef struct {
    const GPtrArray *letters; /* Letter * */
    const GPtrArray *told;    /* Notice *; NULL: none */
    gint64 officer_id;        /* of a digest, with its day */
    const char *day;
} Post;

static bool write_post(Db *db, gpointer data, GError **error)
{
    const Post *post = data;
    for (guint i = 0; post->told && i < post->told->len; i++)
        if (!notice_mark_told(db, post->told->pdata[i], error))
            return false;
    if (post->day && !officer_set_digest_sent(db, post->officer_id, post->day, error))
        return false;
    for (guint i = 0; i < post->letters->len; i++)
        if (!letter_add(db, post->letters->pdata[i], error))
            return false;
    return true;
}

static void send(Look *look, const char *what, Post *post)
{
    GError *error = NULL;
    Store *store = look->settings->store;
    store_reader_done(store, look->db); /* who writes holds no reader */
    bool good = store_write(store, write_post, post, &error);
    look->db = store_reader(store);
    if (!good) {
        failed(what, error);
        return;
    }
    if (post->letters->len == 0)
        return;
    g_message("event=notice_written what=%s letters=%u", what, post->letters->len);
    if (look->settings->letter_waits)
        look->settings->letter_waits(look->settings->context);
}

static GPtrArray *new_letters(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))letter_free);
}

/* An address that cannot be written to stops nobody else's letter. */
static void keep(GPtrArray *letters, const char *what, Letter *letter, GError *error)
{
    if (letter)
        g_ptr_array_add(letters, letter);
    else
        failed(what, error);
}

/* --- urgent notes -------------------------------------------------------------------------- */

/* A new request is worth a note when its reading calls it urgent. */
static bool is_worth_a_note(const Notice *notice)
{
    if (notice->kind != NOTICE_REQUEST)
        return true;
    if (!notice->reading || !strstr(notice->reading, "\"urgent\":true")) /* most are not */
        return false;
    g_autoptr(Arena) arena = arena_new();
    const Value *reading = value_parse_json(arena, notice->reading, strlen(notice->reading), NULL);
    const Value *triage =
        reading && value_kind(reading) == VALUE_OBJECT ? value_get(reading, "triage") : NULL;
    return triage && value_kind(triage) == VALUE_OBJECT && value_get_boolean(triage, "urgent");
}

static void write_to_officers(const Look *look, const Office *office, const GPtrArray *worth,
                              GPtrArray *letters)
{
    for (guint i = 0; i < look->people->len && worth->len > 0; i++) {
        const Officer *officer = look->people->pdata[i];
        if (!officer->urgent || officer_role_in(officer, office->id) == ROLE_NONE)
            continue;
        const OfficerPost post = {office, officer, look->now, look->system_now};
        GError *error = NULL;
        keep(letters, "urgent",
             officer_letter_urgent(look->settings->letters, &post, worth, &error), error);
    }
}

static void tell_urgent(Look *look, const Office *office)
{
    const Zone *zone = zone_find(office->zone);
    gint64 until = zone_midnight(zone, zone_day(zone, look->now) + 2); /* today and tomorrow */
    GError *error = NULL;
    g_autoptr(GPtrArray) all =
        notice_list(look->db, office->id, look->now, until, look->now - REQUEST_S, &error);
    if (!all) {
        failed("urgent", error);
        return;
    }
    if (all->len == 0)
        return;
    g_autoptr(GPtrArray) worth = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++)
        if (is_worth_a_note(all->pdata[i]))
            g_ptr_array_add(worth, all->pdata[i]);
    g_autoptr(GPtrArray) letters = new_letters();
    write_to_officers(look, office, worth, letters);
    /* Also what nobody wants to hear: who switches notes on later is told of later things. */
    Post post = {.letters = letters, .told = all};
    send(look, "urgent", &post);
}

/* --- digests ------------------------------------------------------------------------------- */

static void digest_office_free(gpointer data)
{
    DigestOffice *of = data;
    office_free((Office *)of->office);
    if (of->fresh)
        g_ptr_array_unref((GPtrArray *)of->fresh);
    if (of->undelivered)
        g_ptr_array_unref((GPtrArray *)of->undelivered);
    if (of->meetings)
        g_ptr_array_unref((GPtrArray *)of->meetings);
    g_free(of);
}

static bool read_office(const Look *look, DigestOffice *of, gint64 office_id, GError **error)
{
    Office *office = office_find(look->db, office_id, error);
    of->office = office;
    if (!office)
        return false;
    const Zone *zone = zone_find(office->zone);
    Day today = zone_day(zone, look->now);
    RequestCounts counts;
    of->fresh = request_list(look->db, office_id, REQUEST_NEW, FRESH_MOST, error);
    of->undelivered =
        of->fresh ? request_list_undelivered(look->db, office_id, UNDELIVERED_MOST, error) : NULL;
    of->meetings = of->undelivered
                       ? appointment_list(look->db, office_id, zone_midnight(zone, today),
                                          zone_midnight(zone, today + 1), false, error)
                       : NULL;
    if (!of->meetings || !request_counts(look->db, office_id, &counts, error))
        return false;
    of->fresh_count = counts.by_state[REQUEST_NEW];
    of->to_read = counts.to_read;
    return true;
}

static GPtrArray *read_offices(const Look *look, const Officer *officer, GError **error)
{
    g_autoptr(GPtrArray) offices = g_ptr_array_new_with_free_func(digest_office_free);
    for (guint i = 0; i < officer->offices->len; i++) {
        const OfficerOffice *place = officer->offices->pdata[i];
        DigestOffice *of = g_new0(DigestOffice, 1);
        g_ptr_array_add(offices, of);
        if (!read_office(look, of, place->office_id, error))
            return NULL;
    }
    return g_steal_pointer(&offices);
}

/* Appointments alone are no reason to write: they are on the desk. */
static bool has_something(const GPtrArray *offices)
{
    for (guint i = 0; i < offices->len; i++) {
        const DigestOffice *of = offices->pdata[i];
        if (of->fresh->len > 0 || of->undelivered->len > 0 || of->to_read > 0)
            return true;
    }
    return false;
}

static bool is_due(const Look *look, const Officer *officer, GError **error)
{
    if (officer->digest != DIGEST_DAILY || officer->offices->len == 0)
        return false;
    const OfficerOffice *first = officer->offices->pdata[0];
    g_autoptr(Office) office = office_find(look->db, first->office_id, error);
    return office && digest_due(look->now, zone_find(office->zone), office->patron_month,
                                office->patron_day, officer->digest_sent_on);
}

static void tell_digest(Look *look, const Officer *officer)
{
    GError *error = NULL;
    if (!is_due(look, officer, &error)) {
        if (error)
            failed("digest", error);
        return;
    }
    g_autoptr(GPtrArray) offices = read_offices(look, officer, &error);
    if (!offices) {
        failed("digest", error);
        return;
    }
    const Office *first = ((const DigestOffice *)offices->pdata[0])->office;
    g_autofree char *day = day_format(zone_day(zone_find(first->zone), look->now));
    g_autoptr(GPtrArray) letters = new_letters();
    if (has_something(offices)) {
        const OfficerPost to = {first, officer, look->now, look->system_now};
        keep(letters, "digest",
             officer_letter_digest(look->settings->letters, &to, offices, &error), error);
    }
    Post post = {.letters = letters, .officer_id = officer->id, .day = day};
    send(look, "digest", &post);
}

/* --- one look ------------------------------------------------------------------------------ */

static void look_around(Look *look)
{
    GError *error = NULL;
    look->people = officer_list_to_tell(look->db, &error);
    g_autoptr(GPtrArray) offices = look->people ? office_list(look->db, 0, &error) : NULL;
    if (!offices) {
        failed("look", error);
        return;
    }
    for (guint i = 0; i < offices->len; i++)
        tell_urgent(look, offices->pdata[i]);
    for (guint i = 0; i < look->people->len; i++)
        tell_digest(look, look->people->pdata[i]);
}

void notices_tick(const NoticeSettings *settings)
{
    Look look = {.settings = settings,
                 .db = store_reader(settings->store),
                 .now = clock_now(settings->clock),
                 .system_now = clock_system(settings->clock)};
    look_around(&look);
    if (look.people)
        g_ptr_array_unref(look.people);
    store_reader_done(settings->store, look.db);
}
