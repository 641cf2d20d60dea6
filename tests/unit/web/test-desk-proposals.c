/* Proposals with their answers: choices between readings of the same words, what follows from an
 * answer, and the wishes that count. */
#include "web/desk_proposals.h"
#include <string.h>

static const char reading_json[] =
    "{\"kind\":\"request\",\"practices\":["
    "{\"raw\":\"PdC 41/2026\",\"start\":10,\"end\":21,\"source\":\"text\",\"confidence\":"
    "\"certain\",\"type\":\"PdC\",\"number\":\"41\",\"year\":2026},"
    "{\"raw\":\"SCIA 7\",\"start\":30,\"end\":36,\"source\":\"text\",\"confidence\":\"likely\","
    "\"type\":\"SCIA\",\"number\":\"7\",\"year\":null},"
    "{\"raw\":\"condono\",\"start\":40,\"end\":47,\"source\":\"text\",\"confidence\":\"certain\","
    "\"type\":\"condono\",\"number\":null,\"year\":null}],"
    "\"phones\":[\"+390455550134\",\"+393475550198\"],\"phone_spans\":["
    "{\"raw\":\"045\",\"start\":200,\"end\":203,\"source\":\"text\",\"confidence\":\"certain\"},"
    "{\"raw\":\"347\",\"start\":210,\"end\":213,\"source\":\"text\",\"confidence\":\"certain\"}],"
    "\"preferences\":["
    "{\"raw\":\"martedì alle 5\",\"start\":60,\"end\":75,\"source\":\"text\",\"confidence\":"
    "\"ambiguous\",\"date\":\"2026-11-24\",\"from\":\"17:00\"},"
    "{\"raw\":\"martedì alle 5\",\"start\":60,\"end\":75,\"source\":\"text\",\"confidence\":"
    "\"ambiguous\",\"date\":\"2026-12-01\",\"from\":\"17:00\"},"
    "{\"raw\":\"giovedì alle 9\",\"start\":80,\"end\":95,\"source\":\"text\",\"confidence\":"
    "\"likely\",\"date\":\"2026-11-26\",\"from\":\"09:00\"},"
    "{\"raw\":\"venerdì alle 3\",\"start\":100,\"end\":115,\"source\":\"text\",\"confidence\":"
    "\"ambiguous\",\"date\":\"2026-11-27\",\"from\":\"03:00\"},"
    "{\"raw\":\"venerdì alle 3\",\"start\":100,\"end\":115,\"source\":\"text\",\"confidence\":"
    "\"ambiguous\",\"date\":\"2026-11-27\",\"from\":\"15:00\"}]}";

typedef struct {
    Arena *arena;
    const Value *reading;
    GPtrArray *verdicts;
    GArray *proposals;
} Desk;

/* `said`: "kind|value|confirmed" lines, ended by NULL. */
static void desk_open(Desk *desk, const char *const *said)
{
    desk->arena = arena_new();
    desk->reading = value_parse_json(desk->arena, reading_json, strlen(reading_json), NULL);
    g_assert_nonnull(desk->reading);
    desk->verdicts = g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))verdict_free);
    for (guint i = 0; said && said[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(said[i], "|", 3);
        Verdict *verdict = g_new0(Verdict, 1);
        verdict->kind = g_strdup(parts[0]);
        verdict->value = g_strdup(parts[1]);
        g_assert_true(verdict_parse(parts[2], &verdict->answer));
        g_ptr_array_add(desk->verdicts, verdict);
    }
    desk->proposals = desk_proposals(desk->arena, desk->reading, desk->verdicts);
}

static void desk_close(Desk *desk)
{
    g_array_unref(desk->proposals);
    g_ptr_array_unref(desk->verdicts);
    arena_free(desk->arena);
}

static void numbers_follow_the_text_and_answers_are_found(void)
{
    Desk desk;
    desk_open(&desk, (const char *const[]){"practice|PdC 41/2026|rejected", NULL});
    g_autoptr(GString) shown = g_string_new(NULL);
    for (guint i = 1; i <= desk.proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(desk.proposals, i);
        g_string_append_printf(shown, "%u %s %s %u %s\n", i, one->read.kind, one->read.value,
                               one->choice, verdict_name(one->answer));
    }
    g_assert_cmpstr(shown->str, ==,
                    "1 practice PdC 41/2026 0 rejected\n"
                    "2 practice SCIA 7 0 open\n"
                    "3 practice condono 0 open\n"
                    "4 wish 2026-11-24 17:00- 4 open\n"
                    "5 wish 2026-12-01 17:00- 4 open\n"
                    "6 wish 2026-11-26 09:00- 0 open\n"
                    "7 wish 2026-11-27 03:00- 7 open\n"
                    "8 wish 2026-11-27 15:00- 7 open\n"
                    "9 phone +390455550134 0 open\n"
                    "10 phone +393475550198 0 open\n");
    g_assert_cmpuint(desk_proposals_find(desk.proposals, "phone", "+393475550198"), ==, 10);
    g_assert_cmpuint(desk_proposals_find(desk.proposals, "phone", "PdC 41/2026"), ==, 0);
    g_assert_cmpuint(desk_proposals_find(desk.proposals, "phone", NULL), ==, 0);
    g_assert_false(desk_proposal_is_certain_and_open(desk_proposals_at(desk.proposals, 1)));
    g_assert_false(desk_proposal_is_certain_and_open(desk_proposals_at(desk.proposals, 2)));
    g_assert_true(desk_proposal_is_certain_and_open(desk_proposals_at(desk.proposals, 9)));
    desk_close(&desk);
}

static void readings_of_the_same_words_exclude_each_other(void)
{
    static const struct {
        guint right, other;
        bool excluded;
    } cases[] = {
        {4, 5, true},  /* two days */
        {5, 4, true},  /* the other way round */
        {4, 4, false}, /* itself */
        {4, 6, false}, /* other words */
        {4, 7, false}, /* another choice */
        {7, 8, true},  /* one day, two hours */
        {1, 2, false}, /* no choice at all */
    };
    Desk desk;
    desk_open(&desk, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_true(desk_proposals_exclude(desk.proposals, cases[i].right, cases[i].other) ==
                      cases[i].excluded);
    desk_close(&desk);
}

#define PDC "PdC 41/2026"
#define SCIA "SCIA 7"

static void what_holds_follows_from_the_answer(void)
{
    static const struct {
        const char *what;
        const char *said[4]; /* that stand already, the last answer among them */
        const char *kind, *current, *value;
        VerdictAnswer answer;
        const char *expected;
    } cases[] = {
        {"confirmed: it is the one",
         {"practice|" SCIA "|confirmed"},
         "practice",
         PDC,
         SCIA,
         VERDICT_CONFIRMED,
         SCIA},
        {"confirmed without a number: a fact, no practice",
         {"practice|condono|confirmed"},
         "practice",
         PDC,
         "condono",
         VERDICT_CONFIRMED,
         PDC},
        {"rejected: the next",
         {"practice|" PDC "|rejected"},
         "practice",
         PDC,
         PDC,
         VERDICT_REJECTED,
         SCIA},
        {"both rejected: none",
         {"practice|" PDC "|rejected", "practice|" SCIA "|rejected"},
         "practice",
         SCIA,
         SCIA,
         VERDICT_REJECTED,
         NULL},
        {"rejected, and another is confirmed",
         {"phone|+390455550134|rejected", "phone|+393475550198|confirmed"},
         "phone",
         "+390455550134",
         "+390455550134",
         VERDICT_REJECTED,
         "+393475550198"},
        {"another is rejected: it stays",
         {"practice|" SCIA "|rejected"},
         "practice",
         PDC,
         SCIA,
         VERDICT_REJECTED,
         PDC},
        {"thought again about a rejected one: it is back",
         {NULL},
         "practice",
         NULL,
         PDC,
         VERDICT_OPEN,
         PDC},
        {"thought again about a confirmed one: it stays, to be confirmed",
         {NULL},
         "practice",
         PDC,
         PDC,
         VERDICT_OPEN,
         PDC},
        {"typed by an officer, and one is rejected",
         {"practice|" PDC "|rejected"},
         "practice",
         "CILA 9/2024",
         PDC,
         VERDICT_REJECTED,
         "CILA 9/2024"},
        {"all that are certain: the first",
         {"phone|+390455550134|confirmed", "phone|+393475550198|confirmed"},
         "phone",
         NULL,
         NULL,
         VERDICT_CONFIRMED,
         "+390455550134"},
        {"all that are certain: what was confirmed before stays",
         {"phone|+390455550134|confirmed", "phone|+393475550198|confirmed"},
         "phone",
         "+393475550198",
         NULL,
         VERDICT_CONFIRMED,
         "+393475550198"},
        {"all that are certain, of another kind",
         {"phone|+390455550134|confirmed"},
         "practice",
         PDC,
         NULL,
         VERDICT_CONFIRMED,
         PDC},
        {"no such thing was read", {NULL}, "title", "geom.", NULL, VERDICT_CONFIRMED, "geom."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        Desk desk;
        desk_open(&desk, cases[i].said);
        g_assert_cmpstr(desk_proposals_settle(desk.proposals, cases[i].kind, cases[i].current,
                                              cases[i].value, cases[i].answer),
                        ==, cases[i].expected);
        desk_close(&desk);
    }
}

static void wishes_that_count_are_the_confirmed_then_the_open_ones(void)
{
    Desk desk;
    desk_open(&desk, (const char *const[]){"wish|2026-11-26 09:00-|confirmed",
                                           "wish|2026-11-24 17:00-|rejected",
                                           "wish|2026-11-27 03:00-|rejected", NULL});
    const Value *list = desk_preferences(desk.proposals, desk.arena);
    g_autoptr(GString) json = g_string_new(NULL);
    for (guint i = 0; i < value_length(list); i++)
        g_string_append_printf(json, "%s %s %d\n", value_get_text(value_at(list, i), "date"),
                               value_get_text(value_at(list, i), "from"),
                               value_get_boolean(value_at(list, i), "confirmed"));
    g_assert_cmpstr(json->str, ==, "2026-11-26 09:00 1\n2026-12-01 17:00 0\n2026-11-27 15:00 0\n");
    desk_close(&desk);
}

static void nothing_read_is_nothing_proposed(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GArray) none = desk_proposals(arena, NULL, NULL);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_null(desk_preferences(none, arena));
    g_assert_null(desk_proposals_settle(none, "practice", NULL, NULL, VERDICT_REJECTED));
}

static void a_hostile_message_has_no_endless_list(void)
{
    g_autoptr(Arena) arena = arena_new();
    Value *reading = value_object(arena);
    value_set_text(reading, "kind", "request");
    Value *phones = value_set_list(reading, "phones");
    for (guint i = 0; i < 5000; i++)
        value_append(phones, value_copy(arena, arena_printf(arena, "+39045%07u", i)));
    g_autoptr(GArray) list = desk_proposals(arena, reading, NULL);
    g_assert_cmpuint(list->len, ==, DESK_PROPOSALS_MOST);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/desk/proposals/" #name, name)
    ADD(numbers_follow_the_text_and_answers_are_found);
    ADD(readings_of_the_same_words_exclude_each_other);
    ADD(what_holds_follows_from_the_answer);
    ADD(wishes_that_count_are_the_confirmed_then_the_open_ones);
    ADD(nothing_read_is_nothing_proposed);
    ADD(a_hostile_message_has_no_endless_list);
    return g_test_run();
}
