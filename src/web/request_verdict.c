/* request_verdict.c - POST /scrivania/r/{code}/proposte: an officer says of a proposal that it is
 * right or wrong, or thinks again.
 *
 * What follows from it is computed inside the write, from what stands there then: of two officers
 * at once the last one wins. A colleague's phone and title are not those of the citizen whose
 * message they passed on, so nothing follows from these.
 */
#include "store/person.h"
#include "web/desk_proposals.h"
#include "web/request_pages.h"

#include <string.h>

#define KIND_MOST 32
#define VALUE_MOST 16384

typedef struct {
    gint64 request_id;
    const char *kind, *value; /* NULL: all that are certain and open */
    VerdictAnswer answer;
    Actor actor;
} Saying;

/* What stands in the store while the job runs. */
typedef struct {
    Arena *arena;
    Request *request;
    const Value *reading;
    GPtrArray *verdicts;
    GArray *proposals;
} Case;

static void case_clear(Case *at)
{
    g_clear_pointer(&at->proposals, g_array_unref);
    g_clear_pointer(&at->verdicts, g_ptr_array_unref);
    g_clear_pointer(&at->request, request_free);
    g_clear_pointer(&at->arena, arena_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static bool case_list(Case *at, Db *db, GError **error)
{
    g_clear_pointer(&at->proposals, g_array_unref);
    g_clear_pointer(&at->verdicts, g_ptr_array_unref);
    at->verdicts = verdict_list(db, at->request->id, error);
    if (!at->verdicts)
        return false;
    at->proposals = desk_proposals(at->arena, at->reading, at->verdicts);
    return true;
}

static bool case_open(Case *at, Db *db, gint64 request_id, GError **error)
{
    at->arena = arena_new();
    at->request = request_find(db, request_id, error);
    if (!at->request)
        return false;
    const char *json = at->request->reading;
    const Value *reading = json ? value_parse_json(at->arena, json, strlen(json), NULL) : NULL;
    at->reading = reading && value_kind(reading) == VALUE_OBJECT ? reading : NULL;
    return case_list(at, db, error);
}

/* --- what is said --- */

static bool put(Db *db, const Saying *saying, const DeskProposal *proposal, VerdictAnswer answer,
                GError **error)
{
    return proposal->answer == answer ||
           verdict_put(db, saying->request_id, proposal->read.kind, proposal->read.value, answer,
                       &saying->actor, error);
}

static bool put_all_certain(Db *db, const Saying *saying, const Case *at, GError **error)
{
    bool good = true;
    for (guint i = 1; good && i <= at->proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(at->proposals, i);
        if (desk_proposal_is_certain_and_open(one))
            good = put(db, saying, one, saying->answer, error);
    }
    return good;
}

/* Of a choice one is right: the others are not. Who thinks again has the whole choice back. */
static bool put_rivals(Db *db, const Saying *saying, const Case *at, guint number, GError **error)
{
    const VerdictAnswer answer =
        saying->answer == VERDICT_CONFIRMED ? VERDICT_REJECTED : VERDICT_OPEN;
    bool good = true;
    for (guint i = 1; good && saying->answer != VERDICT_REJECTED && i <= at->proposals->len; i++)
        if (desk_proposals_exclude(at->proposals, number, i))
            good = put(db, saying, desk_proposals_at(at->proposals, i), answer, error);
    return good;
}

static bool put_one(Db *db, const Saying *saying, const Case *at, GError **error)
{
    const guint number = desk_proposals_find(at->proposals, saying->kind, saying->value);
    if (number == 0) {
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "no such proposal");
        return false;
    }
    return put(db, saying, desk_proposals_at(at->proposals, number), saying->answer, error) &&
           put_rivals(db, saying, at, number, error);
}

/* --- what follows --- */

static const char *settled(const Saying *saying, const Case *at, const char *kind,
                           const char *current)
{
    const bool is_about_it = !saying->kind || strcmp(saying->kind, kind) == 0;
    return is_about_it
               ? desk_proposals_settle(at->proposals, kind, current, saying->value, saying->answer)
               : current;
}

static bool follow_practice(Db *db, const Saying *saying, const Case *at, GError **error)
{
    const char *practice = settled(saying, at, "practice", at->request->practice);
    return g_strcmp0(practice, at->request->practice) == 0 ||
           request_set_practice(db, at->request->id, practice, error);
}

/* `by` is no part of what it replaces. */
static void replace(char **text, const char *by)
{
    g_free(*text);
    *text = g_strdup(by);
}

static bool follow_person(Db *db, const Saying *saying, const Case *at, GError **error)
{
    if (desk_is_passed_on(at->reading))
        return true;
    g_autoptr(Person) person = person_find(db, at->request->person_id, error);
    if (!person)
        return false;
    const char *known = person->phone_e164 ? person->phone_e164 : person->phone;
    const char *phone = settled(saying, at, "phone", known);
    const char *title = settled(saying, at, "title", person->title);
    const bool is_same_phone = g_strcmp0(phone, known) == 0;
    if (is_same_phone && g_strcmp0(title, person->title) == 0)
        return true;
    if (!is_same_phone) {
        replace(&person->phone, phone);
        replace(&person->phone_e164, phone);
    }
    if (title != person->title)
        replace(&person->title, title);
    return person_update(db, person, error);
}

/* StoreJob over a Saying. */
static bool say(Db *db, gpointer data, GError **error)
{
    const Saying *saying = data;
    g_auto(Case) at = {0};
    return case_open(&at, db, saying->request_id, error) &&
           (saying->kind ? put_one(db, saying, &at, error)
                         : put_all_certain(db, saying, &at, error)) &&
           case_list(&at, db, error) && follow_practice(db, saying, &at, error) &&
           follow_person(db, saying, &at, error);
}

/* --- the form --- */

/* Back to where it stands on the page. */
static void go_back(Page *page, const RequestAtHand *at, const Saying *saying)
{
    const Value *reading = desk_reading(page, at->request);
    g_autoptr(GArray) proposals = desk_proposals(page->arena, reading, NULL);
    const guint number =
        saying->kind ? desk_proposals_find(proposals, saying->kind, saying->value) : 0;
    if (number)
        page_redirect(page, "/scrivania/r/%s#proposta-%u", at->request->code, number);
    else
        page_redirect(page, "/scrivania/r/%s#proposte", at->request->code);
}

void request_verdict(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    const char *kind = page_field(page, "kind", KIND_MOST);
    const char *value = page_field(page, "value", VALUE_MOST);
    const bool is_one = *kind || *value;
    Saying saying = {.request_id = at.request->id,
                     .kind = is_one ? kind : NULL,
                     .value = is_one ? value : NULL,
                     .actor = desk_actor(page, NULL)};
    if (!verdict_parse(page_field(page, "verdict", KIND_MOST), &saying.answer) ||
        (!is_one && saying.answer != VERDICT_CONFIRMED)) {
        page_not_found(page);
        return;
    }
    if (!page_write(page, say, &saying, &error)) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    desk_changed(page, at.request, "decision");
    go_back(page, &at, &saying);
}
