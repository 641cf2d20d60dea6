#include "fixture.h"

/* Every row of every table that setting up touches: what must not change the second time. */
static char *whole_setup(Fixture *fixture)
{
    GString *all = g_string_new(NULL);
    static const char *const tables[] = {
        "SELECT id || slug || name || zone || patron_month FROM organisation ORDER BY id",
        "SELECT id || slug || name || address || slot_min || platform FROM office ORDER BY id",
        "SELECT id || office_id || name || duration_min FROM service ORDER BY id",
        "SELECT id || office_id || number FROM counter ORDER BY id",
        "SELECT id || email || name || language || COALESCE(password_hash, '') FROM officer",
        "SELECT officer_id || office_id || role FROM officer_office",
        "SELECT id || from_at || until_at || reason FROM closure ORDER BY id",
    };
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autoptr(Query) query = db_query(fixture->db, NULL, tables[i], "");
        while (query_step(query, NULL))
            g_string_append_printf(all, "%s\n", query_text(query, 0));
    }
    return g_string_free(all, FALSE);
}

static void set_up(Fixture *fixture)
{
    GError *error = NULL;
    Organisation organisation = fixture->organisation;
    organisation.id = 0;
    g_assert_true(organisation_upsert(fixture->db, &organisation, &error));
    g_assert_cmpint(organisation.id, ==, ORGANISATION_ID);
    Office office = fixture->office;
    office.id = 0;
    g_assert_true(office_upsert(fixture->db, &office, &error));
    g_assert_cmpint(office.id, ==, OFFICE_ID);
    OfficeService service = {
        .office_id = OFFICE_ID, .name = (char *)"Consulenza", .duration_min = 20, .step_min = 20};
    g_assert_true(office_service_upsert(fixture->db, &service, &error));
    OfficeClosure closure = {.organisation_id = ORGANISATION_ID,
                             .from_at = 100,
                             .until_at = 200,
                             .reason = (char *)"ponte"};
    g_assert_true(office_closure_add(fixture->db, &closure, &error));
    Officer officer = {.organisation_id = ORGANISATION_ID,
                       .email = (char *)"CARLA@comune.example",
                       .name = (char *)"Carla"};
    g_assert_true(officer_upsert(fixture->db, &officer, &error));
    g_assert_true(officer_assign(fixture->db, officer.id, OFFICE_ID, ROLE_MANAGER, &error));
    g_assert_no_error(error);
}

static void test_idempotent(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    set_up(fixture);
    g_autofree char *once = whole_setup(fixture);
    set_up(fixture);
    g_autofree char *twice = whole_setup(fixture);
    g_assert_cmpstr(once, ==, twice);
    g_assert_nonnull(strstr(once, "ponte"));
    g_assert_nonnull(strstr(once, "carla@comune.example"));
}

static void test_defaults(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Office) office = office_find_by_slug(fixture->db, "edilizia", NULL);
    g_assert_cmpint(office->slot_min, ==, 20);
    g_assert_cmpint(office->step_min, ==, 20);
    g_assert_cmpint(office->buffer_min, ==, 0);
    g_assert_cmpint(office->notice_days, ==, 1);
    g_assert_cmpint(office->horizon_days, ==, 30);
    g_assert_cmpint(office->lobby_min, ==, 15);
    g_assert_cmpint(office->late_min, ==, 10);
    g_assert_cmpint(office->change_until_min, ==, 120);
    g_assert_cmpint(office->weekly_cap, ==, 2);
    g_assert_cmpint(office->hold_min, ==, 15);
    g_assert_cmpint(office->max_people, ==, 4);
    g_assert_false(office->self_booking);
    g_assert_cmpstr(office->platform, ==, "room");
    g_assert_cmpstr(office->organisation_name, ==, "Comune di Esempio");
    g_assert_cmpstr(office->zone, ==, "Europe/Rome");
}

static void test_changes(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    fixture->office.slot_min = 15;
    fixture->office.phone = (char *)"045 1234567";
    fixture->office.topics = (char *)"sismica: deposito sismico; agibilita";
    fixture->office.required = (char *)"practice, phone";
    g_assert_true(office_upsert(fixture->db, &fixture->office, NULL));
    g_autoptr(Office) office = office_find(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpint(office->slot_min, ==, 15);
    g_assert_cmpstr(office->phone, ==, "045 1234567");
    g_assert_cmpstr(office->topics, ==, "sismica: deposito sismico; agibilita");
    g_assert_cmpstr(office->required, ==, "practice, phone");
    fixture->office.slot_min = 17;
    g_autoptr(GError) error = NULL;
    g_assert_false(office_upsert(fixture->db, &fixture->office, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
}

static void test_slug_is_unique(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Organisation other = fixture->organisation;
    other.slug = (char *)"altro";
    g_assert_true(organisation_upsert(fixture->db, &other, NULL));
    Office thief = fixture->office;
    thief.organisation_id = other.id;
    thief.name = (char *)"Rubato";
    g_autoptr(GError) error = NULL;
    g_assert_false(office_upsert(fixture->db, &thief, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_CONFLICT);
    g_autoptr(Office) office = office_find(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpstr(office->name, ==, "Edilizia privata");
    Officer anna = {.organisation_id = other.id, .email = (char *)"anna@comune.example"};
    g_autoptr(GError) taken = NULL;
    g_assert_false(officer_upsert(fixture->db, &anna, &taken));
    g_assert_error(taken, STORE_ERROR, STORE_ERROR_CONFLICT);
    g_autoptr(GPtrArray) all = organisation_list(fixture->db, NULL);
    g_assert_cmpuint(all->len, ==, 2);
    g_autoptr(GPtrArray) offices = office_list(fixture->db, other.id, NULL);
    g_assert_cmpuint(offices->len, ==, 0);
}

/* --- hours --- */

static void test_openings(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    OfficeOpening rows[] = {
        {.weekday = 4,
         .from_minute = 540,
         .until_minute = 750,
         .valid_from = G_MININT32,
         .valid_until = G_MAXINT32,
         .counters = 1},
        {.weekday = 2,
         .from_minute = 900,
         .until_minute = 1050,
         .valid_from = 18000,
         .valid_until = 19000,
         .counters = 3},
        {.weekday = 2,
         .from_minute = 540,
         .until_minute = 750,
         .valid_from = G_MININT32,
         .valid_until = G_MAXINT32,
         .counters = 1},
    };
    g_autoptr(GArray) openings = g_array_new(FALSE, FALSE, sizeof(OfficeOpening));
    g_array_append_vals(openings, rows, 3);
    g_assert_true(office_set_openings(fixture->db, OFFICE_ID, openings, NULL));
    g_assert_true(office_set_openings(fixture->db, OFFICE_ID, openings, NULL));
    g_autoptr(GArray) read = office_openings(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpuint(read->len, ==, 3);
    const OfficeOpening *first = &g_array_index(read, OfficeOpening, 0);
    g_assert_cmpint(first->weekday, ==, 2);
    g_assert_cmpint(first->from_minute, ==, 540);
    g_assert_cmpint(first->valid_from, ==, G_MININT32);
    g_assert_cmpint(first->valid_until, ==, G_MAXINT32);
    const OfficeOpening *second = &g_array_index(read, OfficeOpening, 1);
    g_assert_cmpint(second->valid_from, ==, 18000);
    g_assert_cmpint(second->counters, ==, 3);
    g_autoptr(GArray) counters = office_counters(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpuint(counters->len, ==, 3);
}

static void test_counters_in_use(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 4, NULL));
    AppointmentTime time = fixture_time(TEN, 20, 0);
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), >, 0);
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), >, 0); /* on the second */
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 1, NULL));
    g_autoptr(GArray) counters = office_counters(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpuint(counters->len, ==, 2);
    g_assert_true(office_upsert(fixture->db, &fixture->office, NULL)); /* removes none */
    g_autoptr(GArray) same = office_counters(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpuint(same->len, ==, 2);
}

static void add_closure(Fixture *fixture, gint64 office_id, gint64 from, gint64 until)
{
    OfficeClosure closure = {.organisation_id = ORGANISATION_ID,
                             .office_id = office_id,
                             .from_at = from,
                             .until_at = until};
    g_assert_true(office_closure_add(fixture->db, &closure, NULL));
}

static void test_closures(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Office other = fixture->office;
    other.slug = (char *)"anagrafe";
    g_assert_true(office_upsert(fixture->db, &other, NULL));
    add_closure(fixture, 0, 300, 400);
    add_closure(fixture, OFFICE_ID, 100, 200);
    add_closure(fixture, other.id, 100, 200);
    g_autoptr(GPtrArray) both = office_closures(fixture->db, OFFICE_ID, 199, 301, NULL);
    g_assert_cmpuint(both->len, ==, 2);
    const OfficeClosure *first = both->pdata[0];
    g_assert_cmpint(first->from_at, ==, 100);
    g_assert_cmpint(first->office_id, ==, OFFICE_ID);
    g_autoptr(GPtrArray) none = office_closures(fixture->db, OFFICE_ID, 200, 300, NULL);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_true(office_closure_remove(fixture->db, first->id, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(office_closure_remove(fixture->db, first->id, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_services(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    OfficeService two = {.office_id = OFFICE_ID,
                         .name = (char *)"B",
                         .duration_min = 15,
                         .step_min = 15,
                         .position = 2};
    OfficeService one = {.office_id = OFFICE_ID,
                         .name = (char *)"Z",
                         .duration_min = 20,
                         .step_min = 20,
                         .position = 1};
    g_assert_true(office_service_upsert(fixture->db, &two, NULL));
    g_assert_true(office_service_upsert(fixture->db, &one, NULL));
    g_autoptr(GPtrArray) services = office_services(fixture->db, OFFICE_ID, NULL);
    g_assert_cmpuint(services->len, ==, 2);
    g_assert_cmpstr(((OfficeService *)services->pdata[0])->name, ==, "Z");
    g_autoptr(OfficeService) found = office_service_find(fixture->db, two.id, NULL);
    g_assert_cmpint(found->duration_min, ==, 15);
}

/* --- officers --- */

static void test_officer_keeps(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(officer_set_password(fixture->db, fixture->officer_id, "hash", 9, NULL));
    g_assert_true(officer_set_language(fixture->db, fixture->officer_id, "en", NULL));
    Officer again = {.organisation_id = ORGANISATION_ID, .email = (char *)" Anna@Comune.Example "};
    g_assert_true(officer_upsert(fixture->db, &again, NULL));
    g_assert_cmpint(again.id, ==, fixture->officer_id);
    g_autoptr(Officer) anna = officer_find_by_email(fixture->db, "ANNA@comune.example", NULL);
    g_assert_cmpstr(anna->name, ==, "Anna Verdi");
    g_assert_cmpstr(anna->password_hash, ==, "hash");
    g_assert_cmpint(anna->password_changed_at, ==, 9);
    g_assert_cmpstr(anna->language, ==, "en");
    g_assert_false(anna->disabled);
    g_assert_true(officer_set_disabled(fixture->db, anna->id, true, NULL));
    g_autoptr(Officer) disabled = officer_find(fixture->db, anna->id, NULL);
    g_assert_true(disabled->disabled);
}

static void test_roles(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(officer_assign(fixture->db, fixture->officer_id, OFFICE_ID, ROLE_OFFICER, NULL));
    g_assert_true(
        officer_assign(fixture->db, fixture->officer_id, OFFICE_ID, ROLE_ADMINISTRATOR, NULL));
    g_autoptr(Officer) anna = officer_find(fixture->db, fixture->officer_id, NULL);
    g_assert_cmpuint(anna->offices->len, ==, 1);
    g_assert_cmpint(officer_role_in(anna, OFFICE_ID), ==, ROLE_ADMINISTRATOR);
    g_assert_cmpint(officer_role_in(anna, OFFICE_ID + 1), ==, ROLE_NONE);
    g_assert_cmpstr(((OfficerOffice *)anna->offices->pdata[0])->slug, ==, "edilizia");
    g_assert_true(officer_assign(fixture->db, fixture->officer_id, OFFICE_ID, ROLE_NONE, NULL));
    g_autoptr(Officer) out = officer_find(fixture->db, fixture->officer_id, NULL);
    g_assert_cmpuint(out->offices->len, ==, 0);
    g_autoptr(GPtrArray) all = officer_list(fixture->db, 0, NULL);
    g_assert_cmpuint(all->len, ==, 2);
    g_autoptr(GPtrArray) nobody = officer_list(fixture->db, ORGANISATION_ID + 1, NULL);
    g_assert_cmpuint(nobody->len, ==, 0);
}

static void test_role_names(void)
{
    for (OfficerRole role = ROLE_OFFICER; role <= ROLE_ADMINISTRATOR; role++) {
        OfficerRole read = ROLE_NONE;
        g_assert_true(officer_role_parse(officer_role_name(role), &read));
        g_assert_cmpint(read, ==, role);
    }
    OfficerRole read;
    g_assert_false(officer_role_parse("", &read));
    g_assert_false(officer_role_parse("boss", &read));
    g_assert_false(officer_role_parse(NULL, &read));
}

/* --- persons --- */

static void test_person_learns(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Person said = {.id = fixture_id(fixture),
                   .organisation_id = ORGANISATION_ID,
                   .name = (char *)"M. R.",
                   .email = (char *)"mario.rossi@STUDIO.example",
                   .title = (char *)"geom.",
                   .phone = (char *)"045 7654321",
                   .phone_e164 = (char *)"+390457654321"};
    gint64 id = 0;
    g_assert_true(person_find_or_make(fixture->db, &said, &id, NULL));
    g_assert_cmpint(id, ==, fixture->person_id);
    g_autoptr(Person) known = person_find(fixture->db, id, NULL);
    g_assert_cmpstr(known->name, ==, "Mario Rossi"); /* known already */
    g_assert_cmpstr(known->title, ==, "geom.");
    g_assert_cmpstr(known->phone, ==, "045 7654321");
    said.phone = (char *)"333 1111111";
    said.phone_e164 = (char *)"+393331111111";
    g_assert_true(person_find_or_make(fixture->db, &said, &id, NULL));
    g_autoptr(Person) same = person_find(fixture->db, id, NULL);
    g_assert_cmpstr(same->phone_e164, ==, "+390457654321");
}

static void test_person_without_address(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Person caller = {.id = 50,
                     .organisation_id = ORGANISATION_ID,
                     .name = (char *)"Al telefono",
                     .email = (char *)"  "};
    gint64 first = 0, second = 0;
    g_assert_true(person_find_or_make(fixture->db, &caller, &first, NULL));
    caller.id = 51;
    g_assert_true(person_find_or_make(fixture->db, &caller, &second, NULL));
    g_assert_cmpint(first, ==, 50);
    g_assert_cmpint(second, ==, 51);
    g_autoptr(Person) found = person_find(fixture->db, 50, NULL);
    g_assert_null(found->email);
}

static void test_person_of_organisation(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Organisation other = fixture->organisation;
    other.slug = (char *)"altro";
    g_assert_true(organisation_upsert(fixture->db, &other, NULL));
    Person same = {
        .id = 60, .organisation_id = other.id, .email = (char *)"mario.rossi@studio.example"};
    gint64 id = 0;
    g_assert_true(person_find_or_make(fixture->db, &same, &id, NULL));
    g_assert_cmpint(id, ==, 60);
    g_autoptr(Person) here =
        person_find_by_email(fixture->db, ORGANISATION_ID, "Mario.Rossi@studio.example", NULL);
    g_assert_cmpint(here->id, ==, fixture->person_id);
    here->phone = g_strdup("1");
    g_assert_true(person_update(fixture->db, here, NULL));
}

static void test_fold_email(void)
{
    static const char *const rows[][2] = {{" A@B.it ", "a@b.it"}, {"ÀB@x", "àb@x"},
                                          {"\xff@X", "\xff@x"},   {"", NULL},
                                          {"  ", NULL},           {NULL, NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *folded = person_fold_email(rows[i][0]);
        g_assert_cmpstr(folded, ==, rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/" sentence, test)
    T("office/setting_up_twice_changes_nothing", test_idempotent);
    T("office/begins_with_the_rules_of_the_product", test_defaults);
    T("office/takes_changes_that_the_schema_allows", test_changes);
    T("office/slugs_and_addresses_are_unique", test_slug_is_unique);
    T("office/openings_are_replaced_and_make_counters", test_openings);
    T("office/counters_in_use_stay", test_counters_in_use);
    T("office/closures_of_office_and_organisation_apply", test_closures);
    T("office/services_are_in_their_order", test_services);
    T("officer/keeps_what_an_upsert_leaves_out", test_officer_keeps);
    T("officer/has_one_role_in_an_office", test_roles);
    g_test_add_func("/store/officer/roles_read_back", test_role_names);
    T("person/learns_what_was_not_known", test_person_learns);
    T("person/without_address_is_always_another", test_person_without_address);
    T("person/belongs_to_an_organisation", test_person_of_organisation);
    g_test_add_func("/store/person/addresses_are_folded", test_fold_email);
    return g_test_run();
}
