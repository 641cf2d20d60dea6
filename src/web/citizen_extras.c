/* citizen_extras.c - what goes along with a request's page: the appointment as a calendar file, the
 * link as a QR code for the phone.
 */
#include "base/token.h"
#include "mail/invitation.h"
#include "web/citizen_pages.h"
#include "web/page_inner.h"
#include <qrencode.h>

#define ALARM_MIN 15
#define QR_MARGIN 4 /* modules of quiet around (ISO/IEC 18004) */

/* --- QR code ------------------------------------------------------------------------------- */

/* One run of dark modules as a rectangle of the path. */
static void append_row(GString *svg, const unsigned char *row, int width, int y)
{
    for (int x = 0; x < width; x++) {
        int run = 0;
        while (x + run < width && (row[x + run] & 1))
            run++;
        if (run == 0)
            continue;
        g_string_append_printf(svg, "M%d %dh%dv1h-%dz", x + QR_MARGIN, y + QR_MARGIN, run, run);
        x += run;
    }
}

static GString *draw(const QRcode *code)
{
    GString *svg = g_string_sized_new(8192);
    const int side = code->width + 2 * QR_MARGIN;
    g_string_append_printf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
        "shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
        side, side, side, side);
    for (int y = 0; y < code->width; y++)
        append_row(svg, code->data + (gsize)y * (gsize)code->width, code->width, y);
    g_string_append(svg, "\"/></svg>\n");
    return svg;
}

void citizen_qr(Page *page)
{
    g_auto(CitizenCase) at = {0};
    if (!citizen_open(page, &at))
        return;
    QRcode *code =
        QRcode_encodeString(page_url(page, "/p/%s", at.token), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code) {
        page_problem(page, 500, "failed");
        return;
    }
    page_headers(page);
    http_reply_type(page->reply, "image/svg+xml");
    http_reply_body(page->reply, draw(code));
    QRcode_free(code);
}

/* --- the calendar -------------------------------------------------------------------------- */

/* What the templates of an invitation ask for (mail/letter.h). */
static Value *invitation_value(Page *page, const CitizenCase *at, const char *room)
{
    Value *value = value_object(page->arena);
    Value *office = value_set_object(value, "office");
    value_set_text(office, "name", at->office->name);
    value_set_text(office, "organisation", at->office->organisation_name);
    if (at->office->phone && at->office->phone[0])
        value_set_text(office, "phone", at->office->phone);
    value_set_text(value, "code", at->request->code);
    if (at->request->practice && at->request->practice[0])
        value_set_text(value, "practice", at->request->practice);
    value_set_text(value, "url", page_url(page, "/p/%s", at->token));
    value_set_text(value_set_object(value, "appointment"), "url_room", room);
    return value;
}

static const char *room_url(Page *page, const CitizenCase *at)
{
    char token[TOKEN_LENGTH + 1];
    if (!at->seat)
        return NULL;
    token_for_seat(&page->app->key, at->seat->id, at->seat->generation, token);
    return page_url(page, "/sala/%s", token);
}

static char *write_calendar(Page *page, const CitizenCase *at, GError **error)
{
    const Appointment *appointment = at->appointment;
    const char *room = room_url(page, at);
    const MustacheSet *set = templates_set(page->app->templates, page->language);
    const Value *value = invitation_value(page, at, room);
    g_autofree char *summary = letter_render_words(set, "letters/invitation.summary", value, error);
    if (!summary)
        return NULL;
    g_autofree char *description =
        letter_render_words(set, "letters/invitation.description", value, error);
    if (!description)
        return NULL;
    const Invitation invitation = {
        .method = INVITATION_REQUEST,
        .uid = appointment->uid,
        .sequence = appointment->sequence,
        .stamp_at = page->now,
        .starts_at = appointment->starts_at,
        .ends_at = appointment->ends_at,
        .zone = zone_find(appointment->zone),
        .organizer_name = at->office->name,
        .organizer = at->office->address,
        .attendee_name = at->request->person_name,
        .attendee = at->request->person_email,
        .summary = summary,
        .description = description,
        .location = room,
        .url = room,
        .language = page->language,
        .alarm_min = ALARM_MIN,
    };
    return invitation_write(&invitation);
}

void citizen_calendar(Page *page)
{
    g_auto(CitizenCase) at = {0};
    g_autoptr(GError) error = NULL;
    if (!citizen_open(page, &at))
        return;
    if (!citizen_has_calendar(&at)) {
        page_not_found(page);
        return;
    }
    g_autofree char *calendar = write_calendar(page, &at, &error);
    if (!calendar) {
        page_failed(page, error);
        return;
    }
    g_autofree char *disposition =
        g_strdup_printf("attachment; filename=\"%s.ics\"", at.request->code);
    page_headers(page);
    http_reply_header(page->reply, "Content-Disposition", disposition);
    http_reply_type(page->reply, "text/calendar; charset=utf-8; method=REQUEST");
    http_reply_body(page->reply, g_string_new(calendar));
}
