/* demo_office.c - see demo_office.h. The values are those of product.md: the building office of a
 * comune in the province of Verona.
 */
#include "demo/demo_office.h"

void demo_organisation_fill(Organisation *organisation)
{
    organisation_defaults(organisation);
    organisation->slug = (char *)"esempio";
    organisation->name = (char *)"Comune di Esempio";
    organisation->zone = (char *)"Europe/Rome";
    organisation->language = (char *)"it";
}

void demo_office_fill(Office *office)
{
    office_defaults(office);
    office->slug = (char *)DEMO_OFFICE;
    office->name = (char *)"Edilizia privata";
    office->purpose =
        (char *)"Confronto in videochiamata sui progetti edilizi: SCIA, permessi di costruire, "
                "integrazioni e varianti, quando mostrare la tavola aiuta più di una telefonata.";
    office->address = (char *)"appuntamentiedilizia@comune.esempio.example";
    office->own_addresses = (char *)"appuntamentiedilizia@pec.comune.esempio.example "
                                    "sportello@pec.comune.esempio.example";
    office->own_domains = (char *)"sportello.comune.esempio.example";
    office->code_prefix = (char *)"EDI";
    office->phone = (char *)"045 555 0100";
    office->organisation_slug = (char *)"esempio";
    office->organisation_name = (char *)"Comune di Esempio";
    office->zone = (char *)"Europe/Rome";
    office->language = (char *)"it";
}

void demo_service_fill(OfficeService *service)
{
    service->name = (char *)"Videochiamata";
    service->duration_min = 20;
    service->step_min = 20;
}

GArray *demo_openings(void)
{
    static const struct {
        gint weekday, from_minute, until_minute;
    } hours[] = {
        {2, 9 * 60, 12 * 60 + 30},
        {2, 15 * 60, 17 * 60 + 30},
        {4, 9 * 60, 12 * 60 + 30},
    };
    GArray *openings = g_array_new(FALSE, TRUE, sizeof(OfficeOpening));
    for (guint i = 0; i < G_N_ELEMENTS(hours); i++) {
        const OfficeOpening opening = {
            .weekday = hours[i].weekday,
            .from_minute = hours[i].from_minute,
            .until_minute = hours[i].until_minute,
            .valid_from = G_MININT32,
            .valid_until = G_MAXINT32,
            .counters = 1,
        };
        g_array_append_val(openings, opening);
    }
    return openings;
}
