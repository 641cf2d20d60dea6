/* request_decide.c - the decisions that are words: phone, answer, ask, redirect, refuse. */
#include "web/request_pages.h"

#define WORDS_MOST 16000

typedef struct {
    const char *segment; /* last of the path */
    DecisionKind kind;
    bool wants_words;
} DecideKind;

static const DecideKind kinds[] = {
    {"telefono", DECISION_PHONE, false}, {"rispondi", DECISION_ANSWER, true},
    {"chiedi", DECISION_ASK, true},      {"indirizza", DECISION_REDIRECT, true},
    {"rifiuta", DECISION_REFUSE, true},
};

static const DecideKind *kind_of(const Page *page)
{
    const char *path = http_request_path(page->request);
    const char *segment = strrchr(path, '/') + 1;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].segment, segment) == 0)
            return &kinds[i];
    g_assert_not_reached(); /* the table of routes lists these only */
}

/* "Senza lettera": the officer has told them by phone already. */
static bool is_silent(Page *page)
{
    return *page_field(page, "senza_lettera", 8) != '\0';
}

static Letter *compose(Page *page, const RequestAtHand *at, const DecideKind *kind,
                       const char *words, GError **error)
{
    Correspondence what = {.kind = decision_letter_kind(kind->kind), .text = *words ? words : NULL};
    return request_letter(page, at, &what, error);
}

static void show(Page *page, const RequestAtHand *at, const DecideKind *kind, const Letter *letter)
{
    request_show_self(page, at);
    request_show_letter(page, letter);
    value_set_boolean(value_set_object(page->value, "decision"),
                      arena_printf(page->arena, "is_%s", decision_name(kind->kind)), TRUE);
    value_set_boolean(page->value, "wants_words", kind->wants_words);
    value_set_boolean(page->value, "has_letter", letter != NULL);
    value_set_copy(page->value, "action", http_request_path(page->request));
    if (page_has_errors(page))
        page_invalid(page, "pages/request-decide");
    else
        page_render(page, "pages/request-decide");
}

void request_decide_show(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    if (!request_at_hand_open(page, &at))
        return;
    value_set_boolean(page->value, "is_blank", TRUE); /* the page puts a canned text in */
    show(page, &at, kind_of(page), NULL);
}

static void write_decision(Page *page, const RequestAtHand *at, const DecideKind *kind,
                           const Letter *letter)
{
    GError *error = NULL;
    Decision decision = {.kind = kind->kind,
                         .request_id = at->request->id,
                         .version = request_version(page),
                         .letter = letter,
                         .actor = desk_actor(page, NULL)};
    if (page_write(page, request_decision_job(at), &decision, &error))
        request_written(page, at, decision_name(kind->kind));
    else
        request_not_written(page, at, error);
}

void request_decide(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    const DecideKind *kind = kind_of(page);
    const char *words = page_field(page, "testo", WORDS_MOST);
    const bool without = is_silent(page);
    if (kind->wants_words && !without && !*words)
        page_error(page, "testo", "required");
    g_autoptr(Letter) letter =
        page_has_errors(page) || without ? NULL : compose(page, &at, kind, words, &error);
    if (error) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    if (page_has_errors(page) || request_is_preview(page))
        show(page, &at, kind, letter);
    else
        write_decision(page, &at, kind, letter);
}
