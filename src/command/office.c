/* office.c - `sportello office add|set|list`: organisations, offices, services and hours, as rows.
 *
 * add makes what is missing, set wants it to be there; both write only what is given, so that the
 * same command twice changes nothing.
 */
#include "store/office.h"
#include "command/command.h"
#include "command/hours.h"
#include "reading/required.h"
#include "reading/topics.h"
#include <string.h>

#define NOT_GIVEN G_MININT

typedef struct {
    char *config;
    char *organisation, *organisation_name, *zone, *patron;
    char *slug, *name, *address, *own_addresses, *own_domains, *phone, *purpose, *prefix;
    char *hours, *service;
    char *topics, *required;
    gint slot_min, step_min, buffer_min, notice_days, horizon_days, counters;
} OfficeOptions;

static void office_options_clear(OfficeOptions *options)
{
    char **texts[] = {&options->config,      &options->organisation, &options->organisation_name,
                      &options->zone,        &options->patron,       &options->slug,
                      &options->name,        &options->address,      &options->own_addresses,
                      &options->own_domains, &options->phone,        &options->purpose,
                      &options->prefix,      &options->hours,        &options->service,
                      &options->topics,      &options->required};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OfficeOptions, office_options_clear)

typedef struct {
    const OfficeOptions *options;
    bool must_exist;
} OfficeJob;

static bool invalid(GError **error, const char *what)
{
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID, what);
    return false;
}

static const char *given(char *option, const char *otherwise)
{
    return option ? option : otherwise;
}

/* "DD-MM" */
static bool read_patron(const char *text, gint *month, gint *day)
{
    guint64 first;
    guint64 second;
    const char *dash = strchr(text, '-');
    g_autofree char *before = dash ? g_strndup(text, (gsize)(dash - text)) : NULL;

    if (!before || !g_ascii_string_to_unsigned(before, 10, 1, 31, &first, NULL) ||
        !g_ascii_string_to_unsigned(dash + 1, 10, 1, 12, &second, NULL))
        return false;
    *day = (gint)first;
    *month = (gint)second;
    return day_is_valid(2024, *month, *day);
}

static bool put_organisation(Db *db, const OfficeJob *job, gint64 *id, GError **error)
{
    const OfficeOptions *options = job->options;
    g_autoptr(Organisation) old = organisation_find_by_slug(db, options->organisation, NULL);
    Organisation organisation = {0};

    organisation_defaults(&organisation);
    organisation.slug = options->organisation;
    organisation.name =
        (char *)given(options->organisation_name, old ? old->name : options->organisation);
    if (old) {
        organisation.zone = old->zone;
        organisation.patron_month = old->patron_month;
        organisation.patron_day = old->patron_day;
        organisation.language = old->language;
    }
    if (options->zone)
        organisation.zone = options->zone;
    if (!zone_find(organisation.zone))
        return invalid(error, "--zone wants an IANA name such as Europe/Rome");
    if (options->patron &&
        !read_patron(options->patron, &organisation.patron_month, &organisation.patron_day))
        return invalid(error, "--patron wants day and month, such as 21-05");
    if (!organisation_upsert(db, &organisation, error))
        return false;
    *id = organisation.id;
    return true;
}

static void fill_texts(Office *office, const OfficeOptions *options)
{
    struct {
        char **field;
        char *option;
    } texts[] = {{&office->name, options->name},
                 {&office->address, options->address},
                 {&office->own_addresses, options->own_addresses},
                 {&office->own_domains, options->own_domains},
                 {&office->phone, options->phone},
                 {&office->purpose, options->purpose},
                 {&office->code_prefix, options->prefix},
                 {&office->topics, options->topics},
                 {&office->required, options->required}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].option)
            *texts[i].field = texts[i].option;
}

/* Said in the words of the options; the store would refuse them too, in those of its columns. */
static bool numbers_are_possible(const OfficeOptions *options, GError **error)
{
    const struct {
        const char *option, *what;
        gint value, least, most, step;
    } numbers[] = {{"slot", "minutes", options->slot_min, 5, 480, 5},
                   {"step", "minutes", options->step_min, 5, 480, 5},
                   {"buffer", "minutes", options->buffer_min, 0, 120, 5},
                   {"notice", "days", options->notice_days, 0, 366, 1},
                   {"horizon", "days", options->horizon_days, 1, 366, 1},
                   {"counters", "appointments", options->counters, 1, 99, 1}};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (numbers[i].value == NOT_GIVEN ||
            (numbers[i].value >= numbers[i].least && numbers[i].value <= numbers[i].most &&
             numbers[i].value % numbers[i].step == 0))
            continue;
        g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID, "--%s wants %d to %d %s%s",
                    numbers[i].option, numbers[i].least, numbers[i].most, numbers[i].what,
                    numbers[i].step == 5 ? ", in steps of five" : "");
        return false;
    }
    return true;
}

/* What the reader would make of them, before they are kept. */
static bool lists_are_possible(const OfficeOptions *options, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint required = 0;
    g_autoptr(ReadingTopics) topics =
        options->topics ? reading_topics_parse(options->topics, &failure) : NULL;
    const char *option = "--topics";
    if (!failure && options->required &&
        !reading_required_parse(options->required, &required, &failure))
        option = "--required";
    if (!failure)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID, "%s: %s", option, failure->message);
    return false;
}

static void fill_numbers(Office *office, const OfficeOptions *options)
{
    struct {
        gint *field;
        gint option;
    } numbers[] = {{&office->slot_min, options->slot_min},
                   {&office->step_min, options->step_min},
                   {&office->buffer_min, options->buffer_min},
                   {&office->notice_days, options->notice_days},
                   {&office->horizon_days, options->horizon_days}};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (numbers[i].option != NOT_GIVEN)
            *numbers[i].field = numbers[i].option;
}

static bool put_parts(Db *db, const OfficeOptions *options, const Office *office, GError **error)
{
    if (options->service) {
        OfficeService service = {.office_id = office->id,
                                 .name = options->service,
                                 .duration_min = office->slot_min,
                                 .step_min = office->step_min};
        if (!office_service_upsert(db, &service, error))
            return false;
    }
    if (options->hours) {
        g_autoptr(GArray) openings =
            hours_parse(options->hours, options->counters < 1 ? 1 : options->counters, error);
        if (!openings || !office_set_openings(db, office->id, openings, error))
            return false;
    }
    return options->counters < 1 || office_set_counters(db, office->id, options->counters, error);
}

/* The text fields of `office` point into `old`, `options` or static memory. */
static bool put_office(Db *db, const OfficeJob *job, gint64 organisation_id, const Office *old,
                       GError **error)
{
    const OfficeOptions *options = job->options;
    Office office = {0};

    if (old)
        office = *old;
    else
        office_defaults(&office);
    office.slug = options->slug;
    office.organisation_id = organisation_id;
    fill_texts(&office, options);
    fill_numbers(&office, options);
    if (!office.name || !*office.name)
        return invalid(error, "a new office wants --name");
    if (!office.code_prefix || !*office.code_prefix)
        return invalid(
            error, "a new office wants --prefix, the letters its codes begin with, such as EDI");
    return office_upsert(db, &office, error) && put_parts(db, options, &office, error);
}

static bool put(Db *db, gpointer data, GError **error)
{
    const OfficeJob *job = data;
    const OfficeOptions *options = job->options;
    g_autoptr(Office) old = office_find_by_slug(db, options->slug, NULL);
    gint64 organisation_id = old ? old->organisation_id : 0;

    if (!numbers_are_possible(options, error) || !lists_are_possible(options, error))
        return false;
    if (options->address && !strchr(options->address, '@'))
        return invalid(error, "--address wants an e-mail address, such as edilizia@comune.example");
    if (!options->organisation && (options->organisation_name || options->zone || options->patron))
        return invalid(error, "--organisation-name, --zone and --patron want --organisation too, "
                              "the slug of the organisation (`office list` shows it)");
    if (!old && job->must_exist)
        return invalid(error, "there is no such office: `office add` makes one");
    if (options->organisation) {
        gint64 named = 0;
        if (!put_organisation(db, job, &named, error))
            return false;
        if (old && named != organisation_id)
            return invalid(error, "the office belongs to another organisation");
        organisation_id = named;
    }
    if (!organisation_id)
        return invalid(error, "a new office wants --organisation, the slug of its organisation");
    return put_office(db, job, organisation_id, old, error);
}

static void print_offices(Db *db, const Organisation *organisation)
{
    g_autoptr(GPtrArray) offices = office_list(db, organisation->id, NULL);

    g_print("%s  %s (%s)\n", organisation->slug, organisation->name, organisation->zone);
    for (guint i = 0; offices && i < offices->len; i++) {
        const Office *office = g_ptr_array_index(offices, i);
        g_autoptr(GArray) openings = office_openings(db, office->id, NULL);
        g_autofree char *hours = openings ? hours_format(openings) : NULL;
        g_print("  %s  %s <%s>  codes %s-...  %d min  %s\n", office->slug, office->name,
                office->address, office->code_prefix, office->slot_min,
                hours && *hours ? hours : "no hours yet");
        if (*office->topics)
            g_print("    topics    %s\n", office->topics);
        if (*office->required)
            g_print("    required  %s\n", office->required);
    }
}

static int list(Store *store)
{
    Db *db = store_reader(store);
    g_autoptr(GPtrArray) organisations = organisation_list(db, NULL);

    for (guint i = 0; organisations && i < organisations->len; i++)
        print_offices(db, g_ptr_array_index(organisations, i));
    store_reader_done(store, db);
    return 0;
}

static int run(const char *verb, const OfficeOptions *options)
{
    int code = COMMAND_USAGE;
    bool is_list = strcmp(verb, "list") == 0;
    OfficeJob job = {options, strcmp(verb, "set") == 0};
    g_autoptr(GError) error = NULL;

    if (!is_list && !job.must_exist && strcmp(verb, "add") != 0) {
        g_printerr("sportello: office add, set or list, not '%s'\n", verb);
        return COMMAND_USAGE;
    }
    g_autoptr(Config) config = command_config(options->config);
    if (!config)
        return COMMAND_USAGE;
    if (!is_list && !options->slug) {
        g_printerr("sportello: --slug is missing\n");
        return COMMAND_USAGE;
    }
    g_autoptr(Store) store = command_store(config, true, &code);
    if (!store)
        return code;
    if (is_list)
        return list(store);
    if (store_write(store, put, &job, &error))
        return 0;
    command_fail(error);
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_INVALID) ? COMMAND_USAGE
                                                                    : COMMAND_FAILED;
}

int command_office(int argc, char **argv)
{
    g_auto(OfficeOptions) o = {.slot_min = NOT_GIVEN,
                               .step_min = NOT_GIVEN,
                               .buffer_min = NOT_GIVEN,
                               .notice_days = NOT_GIVEN,
                               .horizon_days = NOT_GIVEN,
                               .counters = NOT_GIVEN};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &o.config, "configuration of the installation",
         "FILE"},
        {"organisation", 0, 0, G_OPTION_ARG_STRING, &o.organisation,
         "slug of the comune, in small letters: esempio; made when missing", "SLUG"},
        {"organisation-name", 0, 0, G_OPTION_ARG_STRING, &o.organisation_name, "its name", "NAME"},
        {"zone", 0, 0, G_OPTION_ARG_STRING, &o.zone, "its time zone (Europe/Rome)", "ZONE"},
        {"patron", 0, 0, G_OPTION_ARG_STRING, &o.patron, "day of its patron saint", "DD-MM"},
        {"slug", 0, 0, G_OPTION_ARG_STRING, &o.slug, "the office in addresses: edilizia", "SLUG"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &o.name, "its name", "NAME"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &o.address,
         "e-mail citizens write to; sender of the letters", "EMAIL"},
        {"own-addresses", 0, 0, G_OPTION_ARG_STRING, &o.own_addresses,
         "its other addresses, separated by spaces", "EMAILS"},
        {"own-domains", 0, 0, G_OPTION_ARG_STRING, &o.own_domains,
         "domains only your people send from, not answered by itself", "DOMAINS"},
        {"phone", 0, 0, G_OPTION_ARG_STRING, &o.phone,
         "its phone number, the way out when video fails", "NUMBER"},
        {"purpose", 0, 0, G_OPTION_ARG_STRING, &o.purpose, "what it is for, one paragraph", "TEXT"},
        {"prefix", 0, 0, G_OPTION_ARG_STRING, &o.prefix, "letters its codes begin with: EDI",
         "LETTERS"},
        {"service", 0, 0, G_OPTION_ARG_STRING, &o.service,
         "a service that can be booked; made when missing", "NAME"},
        {"hours", 0, 0, G_OPTION_ARG_STRING, &o.hours,
         "replaces the hours: \"tue 9:00-12:30 15:00-17:30, thu 9:00-12:30\"", "HOURS"},
        {"slot", 0, 0, G_OPTION_ARG_INT, &o.slot_min, "minutes of an appointment (20)", "MIN"},
        {"step", 0, 0, G_OPTION_ARG_INT, &o.step_min, "minutes between two starts (20)", "MIN"},
        {"buffer", 0, 0, G_OPTION_ARG_INT, &o.buffer_min, "minutes kept free after each (0)",
         "MIN"},
        {"notice", 0, 0, G_OPTION_ARG_INT, &o.notice_days,
         "working days of notice for citizens (1)", "DAYS"},
        {"horizon", 0, 0, G_OPTION_ARG_INT, &o.horizon_days, "days ahead citizens may book (30)",
         "DAYS"},
        {"topics", 0, 0, G_OPTION_ARG_STRING, &o.topics,
         "what its requests are about: \"sismica: deposito sismic~, genio civile; agibilita\"",
         "LIST"},
        {"required", 0, 0, G_OPTION_ARG_STRING, &o.required,
         "what it needs to know: \"practice, phone, delegation, drawings\"", "LIST"},
        {"counters", 0, 0, G_OPTION_ARG_INT, &o.counters, "appointments at the same time (1)",
         "NUMBER"},
        G_OPTION_ENTRY_NULL};
    const CommandHelp help = {
        "add|set|list --config FILE [OPTIONS]",
        "Organisations, offices, services and hours. Writes what is given, keeps the rest.",
        "add makes the office when it is missing, set wants it to be there; both want --slug.\n"
        "A new office wants also --organisation, --name, --prefix, and to be of use --address,\n"
        "--service and --hours. list shows what is there. The numbers in brackets are what a new\n"
        "office gets unless told."};

    if (!command_options(entries, &help, &argc, &argv))
        return COMMAND_USAGE;
    if (argc != 2) {
        g_printerr("sportello: office wants one of add, set, list\n");
        return COMMAND_USAGE;
    }
    return run(argv[1], &o);
}
