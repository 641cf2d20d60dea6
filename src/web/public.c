/* public.c - the pages that anybody may read: the organisation, its offices, their free times, the
 * required pages. */
#include "store/office.h"
#include "web/pages.h"
#include "web/public_times.h"
#include "web/public_week.h"
#include "web/values.h"

static void set_organisation_name(Page *page, const char *name)
{
    value_set_copy(value_set_object(page->value, "organisation"), "name", name);
}

/* --- the organisation ---------------------------------------------------------------------- */

static bool show_office_in_list(Page *page, const Office *office, Value *offices, GError **error)
{
    g_autoptr(PublicTimes) times = public_times_new(page_db(page), office, NULL, page->now, error);
    if (!times)
        return false;
    Value *object = value_append_object(offices);
    values_office(object, "office", office);
    public_times_show_next(page, times, object);
    return true;
}

static bool show_organisation(Page *page, const Organisation *organisation, Value *list,
                              GError **error)
{
    g_autoptr(GPtrArray) offices = office_list(page_db(page), organisation->id, error);
    if (!offices)
        return false;
    Value *object = value_append_object(list);
    value_set_copy(object, "name", organisation->name);
    value_set_copy(object, "slug", organisation->slug);
    Value *shown = value_set_list(object, "offices");
    for (guint i = 0; i < offices->len; i++)
        if (!show_office_in_list(page, offices->pdata[i], shown, error))
            return false;
    return true;
}

static void show_home(Page *page)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) organisations = organisation_list(page_db(page), &error);
    Value *list = value_set_list(page->value, "organisations");
    for (guint i = 0; organisations && i < organisations->len; i++)
        if (!show_organisation(page, organisations->pdata[i], list, &error))
            break;
    if (error) {
        page_failed(page, error);
        return;
    }
    value_set_boolean(page->value, "has_many", value_length(list) > 1);
    page_render(page, "pages/public-home");
}

/* --- an office ----------------------------------------------------------------------------- */

static bool show_services(Page *page, const Office *office, GError **error)
{
    g_autoptr(GPtrArray) services = office_services(page_db(page), office->id, error);
    Value *list = value_set_list(page->value, "services");
    for (guint i = 0; services && i < services->len; i++) {
        const OfficeService *service = services->pdata[i];
        Value *object = value_append_object(list);
        value_set_integer(object, "id", service->id);
        value_set_copy(object, "name", service->name);
        value_set_integer(object, "duration_min", service->duration_min);
    }
    return services != NULL;
}

static void show_office(Page *page)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Office) office = office_find_by_slug(page_db(page), page->params[0], &error);
    if (!office || !show_services(page, office, &error)) {
        page_failed(page, error);
        return;
    }
    g_autoptr(PublicTimes) times = public_times_new(page_db(page), office, NULL, page->now, &error);
    if (!times) {
        page_failed(page, error);
        return;
    }
    set_organisation_name(page, office->organisation_name);
    Value *object = values_office(page->value, "office", office);
    value_set_integer(object, "slot_min", office->slot_min);
    value_set_integer(object, "change_until_min", office->change_until_min);
    public_week_show(page, times->rules, page->value);
    public_times_show_next(page, times, page->value);
    page_render(page, "pages/public-office");
}

/* --- free times ---------------------------------------------------------------------------- */

/* The service of ?servizio=; NULL without error when it names none. */
static OfficeService *find_service(Page *page, GError **error)
{
    gint64 id;
    if (!page_number(http_request_query(page->request, "servizio"), &id))
        return NULL;
    return office_service_find(page_db(page), id, error);
}

static void show_times(Page *page)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OfficeService) service = find_service(page, &error);
    g_autoptr(Office) office =
        service ? office_find(page_db(page), service->office_id, &error) : NULL;
    if (!office) {
        page_failed(page, error);
        return;
    }
    g_autoptr(PublicTimes) times =
        public_times_new(page_db(page), office, service, page->now, &error);
    if (!times) {
        page_failed(page, error);
        return;
    }
    set_organisation_name(page, office->organisation_name);
    values_office(page->value, "office", office);
    Value *object = value_set_object(page->value, "service");
    value_set_integer(object, "id", service->id);
    value_set_copy(object, "name", service->name);
    value_set_integer(object, "duration_min", service->duration_min);
    value_set_printf(page->value, "keep", "servizio=%" G_GINT64_FORMAT, service->id);
    value_set_integer(page->value, "free", public_times_free_count(times));
    value_set_integer(page->value, "horizon_days", office->horizon_days);
    public_times_show_next(page, times, page->value);
    public_times_show_days(page, times, page->value);
    page_render(page, "pages/prenota");
}

/* --- required pages ------------------------------------------------------------------------ */

static bool show_contacts(Page *page, GError **error)
{
    g_autoptr(GPtrArray) offices = office_list(page_db(page), 0, error);
    Value *list = value_set_list(page->value, "offices");
    for (guint i = 0; offices && i < offices->len; i++)
        (void)values_office(value_append_object(list), "office", offices->pdata[i]);
    return offices != NULL;
}

static void show_required(Page *page, const char *template)
{
    g_autoptr(GError) error = NULL;
    if (show_contacts(page, &error))
        page_render(page, template);
    else
        page_failed(page, error);
}

static void show_privacy(Page *page)
{
    show_required(page, "pages/public-privacy");
}

static void show_accessibility(Page *page)
{
    show_required(page, "pages/public-accessibility");
}

static void show_legal(Page *page)
{
    show_required(page, "pages/public-legal");
}

const Route public_routes[] = {
    {"GET", "/", show_home, ROUTE_PUBLIC},
    {"GET", "/ufficio/{office}", show_office, ROUTE_PUBLIC},
    {"GET", "/prenota", show_times, ROUTE_PUBLIC},
    {"GET", "/privacy", show_privacy, ROUTE_PUBLIC},
    {"GET", "/accessibilita", show_accessibility, ROUTE_PUBLIC},
    {"GET", "/note-legali", show_legal, ROUTE_PUBLIC},
    {0},
};
