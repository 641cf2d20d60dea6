/* intake_plan.c - what should become of a message, made before anything is written: its fate, the
 * row's values, the person, the request, the receipt's bytes.
 *
 * What a message of a thread causes is in intake_caused.c.
 */
#include "mail/intake_internal.h"
#include "reading/reading.h"

#include <string.h>

#define SUMMARY_MOST 160 /* characters */
/* An image in the text is a document from this size on: no logo, no icon. */
#define INLINE_KEPT 10240
#define TEXT_MOST ((gsize)1024 * 1024)

void intake_plan_clear(IntakePlan *plan)
{
    intake_thread_clear(&plan->thread);
    g_clear_pointer(&plan->marked.attachments, g_ptr_array_unref);
    g_free(plan->email);
    g_free(plan->phone);
    g_free(plan->code);
    g_free(plan->practice);
    g_free(plan->summary);
    g_free(plan->reading);
    g_free(plan->text);
    g_free(plan->wishes);
    g_free(plan->cancel);
    g_free(plan->reason);
    g_clear_pointer(&plan->letter, letter_free);
    *plan = (IntakePlan){0};
}
const char *intake_kind(const IntakeCase *mine)
{
    return mine->reading ? value_get_text(mine->reading, "kind") : NULL;
}

/* --- fate ---------------------------------------------------------------------------------- */

static bool is_automatic(const char *kind)
{
    static const char *const kinds[] = {"auto_reply", "bounce", "pec_receipt", "bulk", "own", NULL};
    return kind && g_strv_contains(kinds, kind);
}

static IntakeFate fate_of(const IntakeCase *mine, const IntakeThread *thread)
{
    const char *kind = intake_kind(mine);
    if (mine->forced || !mine->mail || !kind)
        return FILE_REQUEST;
    if (thread->is_duplicate)
        return thread->request ? FILE_LINKED : FILE_OTHER;
    if (is_automatic(kind))
        return thread->request && strcmp(kind, "own") != 0 ? FILE_LINKED : FILE_OTHER;
    if (thread->request)
        return FILE_THREAD;
    return reading_makes_request(kind) ? FILE_REQUEST : FILE_OTHER;
}

/* --- texts --------------------------------------------------------------------------------- */

static const char *text_in(const Value *object, const char *inner, const char *key)
{
    const Value *member = object ? value_get(object, inner) : NULL;
    return member && value_kind(member) == VALUE_OBJECT ? value_get_text(member, key) : NULL;
}

static const Value *first_of(const Value *reading, const char *key)
{
    const Value *list = reading ? value_get(reading, key) : NULL;
    return list && value_kind(list) == VALUE_LIST && value_length(list) ? value_at(list, 0) : NULL;
}

/* "SCIA 214/2026" */
static char *practice_of(const Value *reading)
{
    const Value *practice = first_of(reading, "practices");
    const char *number = practice ? value_get_text(practice, "number") : NULL;
    if (!number)
        return NULL;
    const char *type = value_get_text(practice, "type");
    gint64 year = value_get_integer(practice, "year");
    GString *text = g_string_new(type);
    if (text->len)
        g_string_append_c(text, ' ');
    g_string_append(text, number);
    if (year)
        g_string_append_printf(text, "/%" G_GINT64_FORMAT, year);
    return g_string_free(text, FALSE);
}

static char *summary_of(const char *text)
{
    g_autoptr(GString) words = g_string_new(NULL);
    glong characters = 0;
    for (const char *at = text; *at && characters < SUMMARY_MOST; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_isspace(c)) {
            if (!words->len || words->str[words->len - 1] == ' ')
                continue;
            c = ' ';
        }
        g_string_append_unichar(words, c);
        characters++;
    }
    return g_strchomp(g_string_free(g_steal_pointer(&words), FALSE));
}

/* The person's words and those they forwarded. */
char *intake_text(const IntakeCase *mine)
{
    if (!mine->mail)
        return g_strdup(mine->raw_text ? mine->raw_text : "");
    char *words = mail_message_words(mine->mail);
    if (strlen(words) > TEXT_MOST)
        *g_utf8_find_prev_char(words, words + TEXT_MOST + 1) = '\0';
    return words;
}

/* --- the message's row --------------------------------------------------------------------- */

static gint by_offset(gconstpointer one, gconstpointer other)
{
    const MailPart *a = *(const MailPart *const *)one, *b = *(const MailPart *const *)other;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static Attachment *attachment_of(const MailPart *part, gint number)
{
    Attachment *attachment = g_new0(Attachment, 1);
    attachment->number = number;
    attachment->name = g_strdup(part->name);
    attachment->type = g_strdup(part->type);
    attachment->encoding = g_strdup(part->encoding);
    attachment->size = part->size;
    attachment->signature = g_strdup(part->signature);
    attachment->quarantine = part->quarantine;
    attachment->offset = part->offset;
    attachment->length = part->length;
    return attachment;
}

/* In order and apart from each other, whatever the child says. */
GPtrArray *intake_attachments(const MailMessage *mail)
{
    GPtrArray *attachments =
        g_ptr_array_new_with_free_func((GDestroyNotify)(void (*)(void))attachment_free);
    g_autoptr(GPtrArray) parts = g_ptr_array_copy(mail->parts, NULL, NULL);
    g_ptr_array_set_free_func(parts, NULL);
    g_ptr_array_sort(parts, by_offset);
    gint64 end = 0;
    for (guint i = 0; i < parts->len; i++) {
        const MailPart *part = g_ptr_array_index(parts, i);
        if ((part->is_inline && part->size < INLINE_KEPT) || part->offset < end)
            continue;
        end = part->offset + part->length;
        g_ptr_array_add(attachments, attachment_of(part, (gint)attachments->len + 1));
    }
    return attachments;
}

static const char *why_listed(const IntakePlan *plan)
{
    if (!plan->mine->mail)
        return "unreadable";
    if (plan->fate != FILE_LINKED && plan->fate != FILE_OTHER)
        return NULL;
    return plan->thread.is_duplicate ? "duplicate" : intake_kind(plan->mine);
}

/* What certified mail and a signature say, see message.h. */
static void plan_certified(Message *row, const MailMessage *mail)
{
    const MailSignature *signature = &mail->signature;
    bool is_whole = mail->pec.kind != PEC_ENVELOPE || mail->pec.certified;
    row->pec = is_whole ? mail->pec.type : (char *)"incompleta";
    if (!signature->present)
        return;
    row->signature = (char *)(signature->verified ? MESSAGE_VERIFIED : MESSAGE_NOT_VERIFIED);
    row->signature_detail = signature->verified ? signature->signer : signature->reason;
}

static void plan_row(IntakePlan *plan)
{
    const IntakeCase *mine = plan->mine;
    const MailMessage *mail = mine->mail;
    plan->text = intake_text(mine);
    plan->marked = (Message){
        .id = mine->row->id,
        .kind = (char *)intake_kind(mine),
        .reason = (char *)why_listed(plan),
        .text = plan->text,
        .read_at = mine->actor.at,
    };
    if (!mail)
        return;
    plan->marked.message_id = mail->message_id;
    plan->marked.in_reply_to = mail->in_reply_to;
    plan->marked.from_name = mail->from.name;
    plan->marked.from_email = mail->from.email;
    plan->marked.subject = mail->subject;
    plan->marked.attachments = intake_attachments(mail);
    plan_certified(&plan->marked, mail);
}

/* --- a new request ------------------------------------------------------------------------- */

/* An address that letters can be sent to and rows found by; anything else is no address. */
static char *email_of(const MailMessage *mail)
{
    g_autofree char *folded = mail ? person_fold_email(mail->from.email) : NULL;
    if (!folded || strlen(folded) > 254 || strpbrk(folded, " \t<>\"(),;:\\") ||
        !g_str_is_ascii(folded))
        return NULL;
    const char *at = strchr(folded, '@');
    bool plausible = at && at != folded && at[1] && !strchr(at + 1, '@');
    return plausible ? g_steal_pointer(&folded) : NULL;
}

static bool plan_person(IntakePlan *plan, Db *db, Person **known, GError **error)
{
    const IntakeCase *mine = plan->mine;
    bool is_passed_on = text_in(mine->reading, "sender", "forwarded_by") != NULL;
    const Value *phone = is_passed_on ? NULL : first_of(mine->reading, "phones");
    g_autoptr(GError) failure = NULL;
    plan->email = email_of(mine->mail);
    plan->person = (Person){
        .id = token_new_id(),
        .organisation_id = mine->office->organisation_id,
        .name = mine->mail ? mine->mail->from.name : NULL,
        .email = plan->email,
        .title = is_passed_on ? NULL : (char *)text_in(mine->reading, "professional", "title"),
        .language = mine->reading ? (char *)value_get_text(mine->reading, "language") : NULL,
    };
    if (phone && value_kind(phone) == VALUE_TEXT) {
        g_autoptr(GString) number = g_string_new(NULL);
        value_append_text(phone, number);
        plan->person.phone_e164 = plan->person.phone = plan->phone =
            g_string_free(g_steal_pointer(&number), FALSE);
    }
    if (!plan->email)
        return true;
    *known = person_find_by_email(db, plan->person.organisation_id, plan->email, &failure);
    if (*known) {
        plan->person.id = (*known)->id;
        return true;
    }
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static bool nobody_understood(const IntakeCase *mine, const char *text)
{
    static const char *const about_something[] = {"reply", "reschedule", "cancel", NULL};
    const char *kind = intake_kind(mine);
    if (!kind || mine->row->truncated || mine->mail->malformed)
        return true;
    if (g_strv_contains(about_something, kind) && !mine->forced)
        return true; /* of a request that was not found */
    return !mine->mail->from.email || strspn(text, " \t\n") == strlen(text);
}

/* By certified mail, as far as can be known: where authorities are configured the signature must
 * hold. */
static bool is_certified(const IntakeCase *mine)
{
    return mine->mail && mine->mail->pec.certified &&
           (mine->mail->signature.verified || !mine->settings->config->pec_ca_file);
}

static void plan_request(IntakePlan *plan, const Person *known)
{
    const IntakeCase *mine = plan->mine;
    const Value *reading = mine->reading;
    const Office *office = mine->office;
    if (reading) {
        g_autoptr(GString) json = g_string_new(NULL);
        value_write_json(reading, json);
        plan->reading = g_string_free(g_steal_pointer(&json), FALSE);
    }
    plan->code = token_request_code(office->code_prefix);
    plan->practice = practice_of(reading);
    plan->summary = summary_of(plan->text);
    const char *clean = reading ? value_get_text(reading, "subject_clean") : NULL;
    const char *subject = clean ? clean : mine->mail ? mine->mail->subject : NULL;
    bool pec = is_certified(mine);
    plan->request = (Request){
        .id = token_new_id(),
        .organisation_id = office->organisation_id,
        .office_id = office->id,
        .person_id = plan->person.id,
        .code = plan->code,
        .to_read = nobody_understood(mine, plan->text),
        .kind = (char *)intake_kind(mine),
        .action = reading ? (char *)value_get_text(reading, "action") : NULL,
        .source = pec ? SOURCE_PEC : SOURCE_MAIL,
        .subject = (char *)subject,
        .practice = plan->practice,
        .summary = plan->summary,
        .reading = plan->reading,
        .language = plan->person.language ? plan->person.language : (char *)"it",
        .generation = 1,
        .received_at = mine->row->received_at,
        .person_name = known && known->name ? known->name : plan->person.name,
        .person_email = plan->email,
        .person_title = known && known->title ? known->title : plan->person.title,
        .person_phone = known && known->phone ? known->phone : plan->person.phone,
    };
    plan->marked.request_id = plan->request.id;
}

/* --- its receipt --------------------------------------------------------------------------- */

/* Its answer would come back to us. */
static bool answers_come_back(const IntakeCase *mine)
{
    const Value *triage = value_get(mine->reading, "triage");
    return triage && value_get_boolean(triage, "answers_come_back");
}

static bool may_answer(Db *db, const IntakePlan *plan)
{
    const IntakeCase *mine = plan->mine;
    return !mine->forced && mine->mail && plan->email &&
           reading_may_be_answered(mine->mail, intake_kind(mine)) && !answers_come_back(mine) &&
           !intake_had_enough(db, plan->email, mine->actor.at);
}

#define MISSING_MOST 12 /* names of reading/required.h, times, and the end */

/* What the office's own list wants and the reading did not find, but for a phone we know. */
static guint list_required(const IntakePlan *plan, const char *missing[MISSING_MOST])
{
    const Value *triage = value_get(plan->mine->reading, "triage");
    const Value *names = triage ? value_get(triage, "missing") : NULL;
    guint n = 0;
    for (guint i = 0; names && i < value_length(names) && n < MISSING_MOST - 2; i++) {
        g_autoptr(GString) italian = g_string_new(NULL);
        value_append_text(value_at(names, i), italian);
        const char *name = reading_required_name(italian->str);
        bool is_known = g_strcmp0(name, "phone") == 0 && plan->request.person_phone;
        if (name && !is_known)
            missing[n++] = name;
    }
    return n;
}

/* Of a request that wants an appointment: a question needs no practice and no times. */
static void list_missing(const IntakePlan *plan, const char *missing[MISSING_MOST])
{
    const Office *office = plan->mine->office;
    guint n = 0;
    missing[0] = NULL;
    if (g_strcmp0(intake_kind(plan->mine), "request") != 0)
        return;
    bool has_list = office->required && *office->required;
    if (has_list)
        n = list_required(plan, missing);
    if (!has_list && !plan->practice)
        missing[n++] = "practice";
    if (!has_list && !plan->request.person_phone)
        missing[n++] = "phone";
    if (!first_of(plan->mine->reading, "preferences"))
        missing[n++] = "times";
    missing[n] = NULL;
}

static void plan_receipt(IntakePlan *plan, Db *db, const Person *known)
{
    const IntakeCase *mine = plan->mine;
    if (!may_answer(db, plan))
        return;
    /* Anybody can write in another's name: who was never heard of is not sent a stranger's words.
     */
    Request quiet = plan->request;
    if (!known && !(mine->mail->pec.certified && mine->mail->signature.verified))
        quiet.subject = quiet.person_name = NULL;
    const char *missing[MISSING_MOST];
    list_missing(plan, missing);
    Correspondence what = {
        .kind = "receipt",
        .office = mine->office,
        .request = &quiet,
        .missing = missing,
        .too_large = mine->row->truncated,
        .in_reply_to = mine->mail->message_id,
        .references = mine->mail->references,
        .now = mine->actor.at,
        .system_now = clock_system(mine->settings->clock),
    };
    g_autoptr(GError) error = NULL;
    plan->letter = correspondence_letter(mine->settings->letters, &what, &error);
    if (error) /* the request counts; that its sender has no usable address does not stop it */
        g_info("event=receipt_impossible message=%" G_GINT64_FORMAT " code=%s", mine->row->id,
               plan->code);
}

/* --- the plan ------------------------------------------------------------------------------ */

bool intake_plan(IntakePlan *plan, const IntakeCase *mine, Db *db, GError **error)
{
    plan->mine = mine;
    if (!mine->forced && !intake_find_thread(db, mine, &plan->thread, error))
        return false;
    plan->fate = fate_of(mine, &plan->thread);
    plan_row(plan);
    if (plan->fate == FILE_THREAD || plan->fate == FILE_LINKED)
        plan->marked.request_id = plan->thread.request->id;
    if (plan->fate == FILE_THREAD)
        return intake_plan_caused(plan, db, error);
    if (plan->fate != FILE_REQUEST)
        return true;
    g_autoptr(Person) known = NULL;
    if (!plan_person(plan, db, &known, error))
        return false;
    plan_request(plan, known);
    plan_receipt(plan, db, known);
    /* the rest of the job needs nothing of the known person but its id */
    plan->request.person_name = plan->request.person_title = plan->request.person_phone = NULL;
    return true;
}
