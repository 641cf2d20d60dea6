/* test-proposals.c - a reading as one list: what each line says, in which order, once. */
#include "sample.h"

#include "reading/proposals.h"

#include <string.h>

/* --- readings made by hand: one member each */

typedef struct {
    const char *name; /* a sentence */
    const char *json; /* of the reading */
    const char *proposals;
} Case;

static const Case cases[] = {
    {"a_practice_has_type_number_and_year",
     "{'practices':[{'type':'SCIA','number':'214','year':2026}]}", "practice=SCIA 214/2026"},
    {"a_practice_may_lack_all_but_its_type",
     "{'practices':[{'type':'PdC','number':null,'year':null}]}", "practice=PdC"},
    {"a_practice_may_lack_its_type", "{'practices':[{'type':null,'number':'9','year':2025}]}",
     "practice=9/2025"},
    {"a_protocol_has_its_day", "{'protocols':[{'number':'41233','date':'2026-09-22'}]}",
     "protocol=41233 2026-09-22"},
    {"a_protocol_may_have_its_year_alone", "{'protocols':[{'number':'41233','year':2026}]}",
     "protocol=41233 2026"},
    {"land_has_parcels_and_subs",
     "{'cadastral':[{'foglio':'12','mappali':['345','346'],'sub':['3','4']}]}",
     "cadastral=12 345,346 sub 3,4"},
    {"land_of_trentino_has_its_comune",
     "{'cadastral':[{'kind':'p.ed.','particella':'1234/2','comune_catastale':'Gries'}]}",
     "cadastral=p.ed. 1234/2 Gries"},
    {"a_person_has_name_address_and_role",
     "{'participants':[{'name':'Luigi Verdi','email':'l@v.example','role':'committente'}]}",
     "participant=Luigi Verdi l@v.example, committente"},
    {"a_person_may_be_a_name", "{'participants':[{'name':'Luigi Verdi','email':null,'role':null}]}",
     "participant=Luigi Verdi"},
    {"a_wish_has_day_and_hours",
     "{'preferences':[{'date':'2026-11-24','from':'10:00','to':'12:30'}]}",
     "wish=2026-11-24 10:00-12:30"},
    {"a_wish_may_be_about", "{'preferences':[{'date':'2026-11-24','from':'10:00','approx':true}]}",
     "wish=2026-11-24 10:00- ~"},
    {"a_wish_may_be_a_range_without_days",
     "{'preferences':[{'date':null,'date_from':'2026-11-23','date_to':'2026-11-27',"
     "'exclude_weekdays':['giovedì','venerdì']}]}",
     "wish=2026-11-23..2026-11-27 - -giovedì,venerdì"},
    {"a_range_may_be_open", "{'preferences':[{'date_from':'2026-11-23','date_to':null}]}",
     "wish=2026-11-23.. -"},
    {"telephones_have_their_spans_beside_them",
     "{'phones':['+391','+392'],'phone_spans':[{'source':'text','start':9},{'source':'text',"
     "'start':2}]}",
     "phone=+392 phone=+391"},
    {"telephones_may_lack_spans", "{'phones':['+391','+392'],'phone_spans':[]}",
     "phone=+391 phone=+392"},
    {"texts_are_what_was_read", "{'address':'Via Roma 5','on_behalf_of':'Bianchi','topic':'oneri'}",
     "on_behalf_of=Bianchi address=Via Roma 5 topic=oneri"},
    {"who_wrote_has_title_and_role",
     "{'sender':{'name':'Paola Verdi'},'sender_span':{'source':'header'},"
     "'professional':{'title':'geom.','role':'progettista','source':'text','start':7},"
     "'role_span':{'source':'text','start':3}}",
     "sender=Paola Verdi role=progettista title=geom."},
    {"a_role_that_only_a_title_suggests_is_not_proposed",
     "{'professional':{'title':'geom.','role':'professionista','source':'text','start':7}}",
     "title=geom."},
    {"who_wrote_may_have_no_name", "{'sender':{'name':null,'email':'a@b.example'}}", ""},
    {"urgency_and_missing_papers_are_words",
     "{'urgent_span':{'raw':'urgente','source':'text','start':9},"
     "'attachments_span':{'raw':'allego la delega','source':'text','start':3}}",
     "attachments=allego la delega urgent=urgente"},
    {"the_header_comes_first_then_the_subject_then_the_text",
     "{'sender':{'name':'A'},'sender_span':{'source':'header'},'topic':'oneri',"
     "'topic_span':{'source':'subject','start':50},'address':'Via B','address_span':"
     "{'source':'text','start':30},'practices':[{'type':'SCIA','source':'text','start':4},"
     "{'type':'CILA','source':'subject','start':3}]}",
     "sender=A practice=CILA topic=oneri practice=SCIA address=Via B"},
    {"what_is_said_twice_is_proposed_once_at_its_first_place",
     "{'practices':[{'type':'SCIA','source':'text','start':40},{'type':'CILA','source':'text',"
     "'start':20},{'type':'SCIA','source':'text','start':4}]}",
     "practice=SCIA practice=CILA"},
    {"the_same_words_of_two_kinds_are_two",
     "{'on_behalf_of':'Rossi','participants':[{'name':'Rossi'}]}",
     "on_behalf_of=Rossi participant=Rossi"},
    {"a_value_is_one_line_however_it_was_wrapped", "{'address':' Via\\r\\n  Roma\\u00a0\\u20285 '}",
     "address=Via Roma 5"},
    {"what_nobody_sees_is_no_value",
     "{'address':'\\u202eVia\\u00ad Roma\\u200b','topic':'\\u202e "
     "\\u200b'}",
     "address=Via Roma"},
    {"nothing_read_is_nothing_proposed",
     "{'practices':[],'phones':[],'phone_spans':[],'professional':null,'address':null}", ""},
    {"members_of_other_kinds_than_promised_are_passed_over",
     "{'practices':'x','phones':{},'professional':[],'address':7,'sender':'y','urgent_span':true}",
     ""},
    {"a_machine_proposes_nothing", "{'kind':'auto_reply','sender':{'name':'A'},'address':'Via B'}",
     ""},
    {"a_calendar_proposes_its_time",
     "{'kind':'itip_reply','preferences':[{'date':'2026-12-03','from':'09:00','to':null}]}",
     "wish=2026-12-03 09:00-"},
};

static const Value *parsed(Arena *arena, const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *quoted = g_strdelimit(g_strdup(json), "'", '"');
    const Value *reading = value_parse_json(arena, quoted, strlen(quoted), &error);
    g_assert_no_error(error);
    return reading;
}

static char *words_of(const GArray *proposals)
{
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < proposals->len; i++) {
        const ReadingProposal *one = &g_array_index(proposals, ReadingProposal, i);
        g_string_append_printf(words, "%s%s=%s", i > 0 ? " " : "", one->kind, one->value);
    }
    return g_string_free(words, FALSE);
}

static void test_case(gconstpointer data)
{
    const Case *one = data;
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GArray) proposals = reading_proposals(arena, parsed(arena, one->json));
    g_autofree char *found = words_of(proposals);
    g_assert_cmpstr(found, ==, one->proposals);
}

static void test_nothing(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GArray) none = reading_proposals(arena, NULL);
    g_autoptr(GArray) no_object = reading_proposals(arena, value_list(arena));
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_cmpuint(no_object->len, ==, 0);
}

static void test_first_of_two(void)
{
    g_autoptr(Arena) arena = arena_new();
    const Value *reading =
        parsed(arena, "{'practices':[{'type':'SCIA','source':'text','start':40,'raw':'b'},"
                      "{'type':'SCIA','source':'subject','start':90,'raw':'a'}]}");
    g_autoptr(GArray) proposals = reading_proposals(arena, reading);
    g_assert_cmpuint(proposals->len, ==, 1);
    const ReadingProposal *one = &g_array_index(proposals, ReadingProposal, 0);
    g_assert_cmpstr(value_get_text(one->span, "raw"), ==, "a");
    g_assert_true(one->object == value_at(value_get(reading, "practices"), 1));
}

/* A whole letter; what later readers add to it is tested where it is read. */
static void test_letter(void)
{
    g_autoptr(MailMessage) message =
        sample_message("2026-11-20", "SCIA 318/2026",
                       "Buongiorno,\nscrivo per la SCIA n. 318/2026, prot. 41233 del 22/09/2026.\n"
                       "Sarei disponibile martedì 24 novembre alle 10.\nTel. 335 1234567\n");
    g_autoptr(Arena) arena = arena_new();
    const Value *reading = reading_read(arena, message, sample_office(), 0);
    g_autoptr(GArray) proposals = reading_proposals(arena, reading);
    g_autofree char *found = words_of(proposals);
    static const char *const wanted[] = {"practice=SCIA 318/2026", "protocol=41233 2026-09-22",
                                         "wish=2026-11-24 10:00-", "phone=+393351234567"};
    const char *at = found;
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        at = strstr(at, wanted[i]);
        g_assert_nonnull(at);
        g_assert_null(strstr(at + 1, wanted[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strdup_printf("/reading/proposals/%s", cases[i].name);
        g_test_add_data_func(name, &cases[i], test_case);
    }
    g_test_add_func("/reading/proposals/no_reading_proposes_nothing", test_nothing);
    g_test_add_func("/reading/proposals/of_two_the_first_place_is_shown", test_first_of_two);
    g_test_add_func("/reading/proposals/a_letter_is_listed_in_its_order", test_letter);
    return g_test_run();
}
