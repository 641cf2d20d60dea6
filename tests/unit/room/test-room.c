/* test-room.c - who waits, who is inside, what follows for the appointment: over a real hub, real
 * WebSockets and a real store. */
#include "../store/fixture.h"
#include "loop-fixture.h"
#include "room/internal.h"
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    Fixture fixture;
    Store *store;
    Clock *clock;
    Loop loop;
    Rooms *rooms;
    GAsyncQueue *changes; /* of texts "EDI-1001 waiting" */
    GPtrArray *people;
} Scene;

typedef struct {
    int fd;
    gint64 id;    /* from the welcome */
    guint relays; /* ICE servers it names */
    Arena *arena;
} Visitor;

static void on_changed(gint64 office, const char *code, const char *state, gpointer context)
{
    Scene *scene = context;
    g_assert_cmpint(office, ==, scene->fixture.office.id);
    g_async_queue_push(scene->changes, g_strdup_printf("%s %s", code, state));
}

static const char *const stun[] = {"stun:stun.example:3478", NULL};
static const char *const turn[] = {"turn:turn.example:3478?transport=udp",
                                   "turns:turn.example:5349", NULL};

static void serve(Scene *scene)
{
    const RoomSettings settings = {.stun_urls = stun, .turn_urls = turn, .turn_secret = "segreto"};
    scene->loop.hub = hub_new();
    scene->rooms =
        rooms_new(scene->store, scene->clock, scene->loop.hub, &settings, on_changed, scene);
    loop_start(&scene->loop);
}

static void stop(Scene *scene)
{
    loop_stop(&scene->loop);
    rooms_free(scene->rooms);
    hub_free(scene->loop.hub);
}

/* Five minutes before the first appointment. */
static void scene_open(Scene *scene, gconstpointer unused)
{
    fixture_open(&scene->fixture, unused);
    scene->store = fixture_store(&scene->fixture);
    scene->clock = clock_new();
    clock_move(scene->clock, TEN - 300);
    scene->changes = g_async_queue_new_full(g_free);
    scene->people = g_ptr_array_new();
    serve(scene);
}

static void scene_close(Scene *scene, gconstpointer unused)
{
    stop(scene);
    for (guint i = 0; i < scene->people->len; i++) {
        Visitor *person = scene->people->pdata[i];
        close(person->fd);
        arena_free(person->arena);
        g_free(person);
    }
    g_ptr_array_unref(scene->people);
    g_async_queue_unref(scene->changes);
    clock_free(scene->clock);
    store_close(scene->store);
    fixture_close(&scene->fixture, unused);
}

/* --- people
 * ------------------------------------------------------------------------------------------ */

static gint64 book(Scene *scene, gint64 starts_at)
{
    AppointmentTime time = fixture_time(starts_at, 20, 0);
    gint64 id = fixture_book(&scene->fixture, &time, 0, NULL);
    g_assert_cmpint(id, >, 0);
    return id;
}

/* The next message of this type, the others before it dropped. */
static const Value *await(Visitor *person, const char *type)
{
    const bool is_signal = g_str_equal(type, "signal");
    for (;;) {
        g_auto(WsFrame) frame = ws_read(person->fd);
        g_assert_cmpuint(frame.opcode, ==, WS_TEXT);
        const Value *message = value_parse_json(person->arena, frame.payload, frame.length, NULL);
        g_assert_nonnull(message);
        if (g_strcmp0(value_get_text(message, "type"), type) == 0)
            return message;
        g_assert_true(is_signal || !value_get(message, "data")); /* signals are never dropped */
    }
}

/* Drops what was said before and sees the connection closed with this code. */
static void await_close(Visitor *person, guint code)
{
    for (;;) {
        g_auto(WsFrame) frame = ws_read(person->fd);
        if (frame.opcode == WS_TEXT)
            continue;
        g_assert_cmpuint(ws_close_code(&frame), ==, code);
        return;
    }
}

static void await_refusal(Visitor *person, const char *type, const char *reason)
{
    g_assert_cmpstr(value_get_text(await(person, type), "reason"), ==, reason);
    await_close(person, 4004);
}

/* The lobby's list as the officer sees it, once it has this many names. */
static const Value *await_waiting(Visitor *officer, guint count)
{
    for (;;) {
        const Value *waiting = value_get(await(officer, "lobby"), "waiting");
        if (waiting && value_length(waiting) == count)
            return waiting;
    }
}

/* Who is inside, once there are this many. */
static const Value *await_peers(Visitor *person, guint count)
{
    for (;;) {
        const Value *peers = value_get(await(person, "peers"), "peers");
        if (value_length(peers) == count)
            return peers;
    }
}

static void await_change(Scene *scene, const char *wanted)
{
    g_autofree char *change = g_async_queue_timeout_pop(scene->changes, 20 * G_USEC_PER_SEC);
    g_assert_nonnull(change);
    g_assert_cmpstr(strchr(change, ' ') + 1, ==, wanted);
}

static AppointmentState stored_state(Scene *scene, gint64 id)
{
    Db *db = store_reader(scene->store);
    g_autoptr(Appointment) appointment = appointment_find(db, id, NULL);
    store_reader_done(scene->store, db);
    g_assert_nonnull(appointment);
    return appointment->state;
}

static Visitor *come(Scene *scene, gint64 appointment_id, const RoomSeatSettings *settings)
{
    Db *db = store_reader(scene->store);
    g_autoptr(Appointment) appointment = appointment_find(db, appointment_id, NULL);
    store_reader_done(scene->store, db);
    g_assert_nonnull(appointment);
    g_autofree char *topic = room_topic(appointment_id);
    Visitor *person = g_new0(Visitor, 1);
    person->arena = arena_new();
    person->fd =
        loop_join(&scene->loop, topic, room_seat_new(appointment, settings), room_seat_free);
    g_ptr_array_add(scene->people, person);
    const Value *welcome = await(person, "welcome");
    person->id = value_get_integer(welcome, "you");
    person->relays = value_length(value_get(welcome, "ice"));
    return person;
}

static Visitor *citizen(Scene *scene, gint64 appointment_id, gint64 participant, const char *name)
{
    const RoomSeatSettings settings = {.participant = participant,
                                       .role = PARTICIPANT_CITIZEN,
                                       .name = name,
                                       .lobby_min = 15,
                                       .max_people = 3};
    return come(scene, appointment_id, &settings);
}

static Visitor *officer(Scene *scene, gint64 appointment_id)
{
    const RoomSeatSettings settings = {
        .participant = -7, .role = PARTICIPANT_OFFICER, .name = "Anna Verdi", .max_people = 3};
    return come(scene, appointment_id, &settings);
}

static void enter(Visitor *person)
{
    ws_say(person->fd, "{\"type\":\"enter\"}");
}

static void admit(Visitor *by, gint64 id)
{
    g_autofree char *text =
        g_strdup_printf("{\"type\":\"admit\",\"peer\":%" G_GINT64_FORMAT "}", id);
    ws_say(by->fd, text);
}

static void signal_to(Visitor *from, gint64 to, guint number)
{
    g_autofree char *text = g_strdup_printf("{\"type\":\"signal\",\"to\":%" G_GINT64_FORMAT
                                            ",\"data\":{\"candidate\":{\"n\":%u}}}",
                                            to, number);
    ws_say(from->fd, text);
}

/* Who is inside after all that was said before, as somebody inside sees it: a word of their own
 * media comes back. Each look needs another `camera` than before. */
static const Value *look_around(Visitor *person, bool camera)
{
    ws_say(person->fd, camera ? "{\"type\":\"media\",\"camera\":true}" : "{\"type\":\"media\"}");
    for (;;) {
        const Value *peers = value_get(await(person, "peers"), "peers");
        for (guint i = 0; i < value_length(peers); i++) {
            const Value *one = value_at(peers, i);
            if (value_get_integer(one, "id") == person->id &&
                value_get_boolean(one, "camera") == camera)
                return peers;
        }
    }
}

/* A citizen and an officer in a call: states waiting and in_call have been written. */
static void begin_call(Scene *scene, gint64 id, Visitor **in, Visitor **by)
{
    *in = citizen(scene, id, 11, "Mario Rossi");
    enter(*in);
    await_change(scene, "waiting");
    *by = officer(scene, id);
    enter(*by);
    await_waiting(*by, 1);
    admit(*by, (*in)->id);
    await(*in, "admitted");
    await_change(scene, "in_call");
    await_peers(*by, 2);
    await_peers(*in, 2);
}

static void shift_absence(gpointer data)
{
    Rooms *rooms = data;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, rooms->rooms);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((Room *)value)->empty_since_ms)
            ((Room *)value)->empty_since_ms -= ROOM_AWAY_MS;
}

static void nothing(gpointer data)
{
    (void)data;
}

static void tick(Scene *scene)
{
    rooms_tick(scene->rooms);
    loop_run(&scene->loop, nothing, NULL);
}

/* As if everybody had been gone for 60 s. */
static void a_minute_passes(Scene *scene)
{
    loop_run(&scene->loop, shift_absence, scene->rooms);
    tick(scene);
}

static void count_rooms(gpointer data)
{
    gpointer *both = data;
    *(guint *)both[1] = g_hash_table_size(((Rooms *)both[0])->rooms);
}

static guint rooms_open(Scene *scene)
{
    guint count = 0;
    gpointer both[2] = {scene->rooms, &count};
    loop_run(&scene->loop, count_rooms, both);
    return count;
}

typedef struct {
    Hub *hub;
    gint64 id;
    bool is_here;
} Search;

static void search(gpointer data)
{
    Search *one = data;
    one->is_here = hub_peer_find(one->hub, (guint64)one->id) != NULL;
}

/* Until the loop has seen that the connection is gone, and has told the room. */
static void go_away(Scene *scene, Visitor *person)
{
    Search one = {.hub = scene->loop.hub, .id = person->id, .is_here = true};
    shutdown(person->fd, SHUT_RDWR);
    for (guint i = 0; i < 2000 && one.is_here; i++) {
        g_usleep(i > 0 ? 10000 : 0);
        loop_run(&scene->loop, search, &one);
    }
    g_assert_false(one.is_here);
    loop_run(&scene->loop, nothing, NULL);
}

/* --- a server that stops
 * ------------------------------------------------------------------------------------ */

static void set_state(Scene *scene, gint64 id, AppointmentState to, gint64 at)
{
    const Actor actor = {.kind = ACTOR_SYSTEM, .at = at, .detail = "test"};
    g_autoptr(GError) error = NULL;
    appointment_change(scene->fixture.db, id, to, &actor, &error);
    g_assert_no_error(error);
}

static void
who_waited_when_the_server_was_killed_has_a_minute_to_come_back(Scene *scene,
                                                                gconstpointer unused G_GNUC_UNUSED)
{
    gint64 waiting = book(scene, TEN);
    gint64 calling = book(scene, TEN + 1200);
    set_state(scene, waiting, APPOINTMENT_WAITING, TEN - 60);
    set_state(scene, calling, APPOINTMENT_WAITING, TEN - 60);
    set_state(scene, calling, APPOINTMENT_IN_CALL, TEN + 1200);
    clock_move(scene->clock, TEN + 9 * 3600);
    stop(scene);
    serve(scene);
    await_change(scene, "waiting"); /* the call */
    g_assert_cmpint(stored_state(scene, waiting), ==, APPOINTMENT_WAITING);
    tick(scene);
    g_assert_cmpuint(rooms_open(scene), ==, 2);
    a_minute_passes(scene);
    await_change(scene, "booked");
    await_change(scene, "booked");
    g_assert_cmpuint(rooms_open(scene), ==, 0);
    Db *db = store_reader(scene->store);
    g_autoptr(Appointment) call = appointment_find(db, calling, NULL);
    store_reader_done(scene->store, db);
    g_assert_cmpint(call->call_seconds, ==, 1200); /* not the nine hours until somebody looked */
}

/* --- the lobby
 * ----------------------------------------------------------------------------------------- */

static void nobody_is_present_before_entering(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *by = officer(scene, id);
    enter(by);
    await_waiting(by, 0);
    Visitor *in =
        citizen(scene, id, 11, "Mario Rossi"); /* opens the page, as a scanner of mail does */
    tick(scene);
    a_minute_passes(scene);
    g_assert_cmpint(stored_state(scene, id), ==, APPOINTMENT_BOOKED);
    enter(in);
    await_change(scene, "waiting"); /* the first change of all */
}

static void the_welcome_tells_times_and_servers(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    g_autoptr(Arena) arena = arena_new();
    Db *db = store_reader(scene->store);
    g_autoptr(Appointment) appointment = appointment_find(db, id, NULL);
    store_reader_done(scene->store, db);
    g_autofree char *topic = room_topic(id);
    const RoomSeatSettings settings = {.participant = 11,
                                       .role = PARTICIPANT_CITIZEN,
                                       .name = "x",
                                       .lobby_min = 15,
                                       .max_people = 4};
    Visitor person = {.arena = arena};
    person.fd =
        loop_join(&scene->loop, topic, room_seat_new(appointment, &settings), room_seat_free);
    const Value *welcome = await(&person, "welcome");
    const Value *ice = value_get(welcome, "ice");
    const Value *relay = value_at(ice, 1);
    g_assert_cmpint(value_get_integer(welcome, "you"), >, 0);
    g_assert_cmpint(value_get_integer(welcome, "starts_at"), ==, TEN);
    g_assert_cmpint(value_get_integer(welcome, "ends_at"), ==, TEN + 1200);
    g_assert_cmpint(value_get_integer(welcome, "now"), >=, TEN - 300);
    g_assert_cmpint(value_get_integer(welcome, "now"), <, TEN);
    g_assert_cmpuint(value_length(value_get(value_at(ice, 0), "urls")), ==, 1);
    g_assert_cmpuint(value_length(value_get(relay, "urls")), ==, 2);
    g_autofree char *expected = NULL;
    const char *user = value_get_text(relay, "username");
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)"segreto", 7);
    guint8 digest[20];
    gsize length = sizeof digest;
    g_hmac_update(hmac, (const guchar *)user, -1);
    g_hmac_get_digest(hmac, digest, &length);
    expected = g_base64_encode(digest, length);
    g_assert_cmpstr(value_get_text(relay, "credential"), ==, expected);
    g_assert_cmpint(g_ascii_strtoll(user, NULL, 10), >, clock_system(scene->clock));
    close(person.fd);
}

static void the_lobby_opens_fifteen_minutes_before(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    clock_move(scene->clock, TEN - 15 * 60 - 30);
    Visitor *early = citizen(scene, id, 11, "Mario Rossi");
    g_assert_cmpuint(early->relays, ==, 0);
    enter(early);
    await_refusal(early, "refused", "early");
    clock_move(scene->clock, TEN - 15 * 60);
    Visitor *on_time = citizen(scene, id, 11, "Mario Rossi");
    g_assert_cmpuint(on_time->relays, ==, 2);
    enter(on_time);
    g_assert_cmpint(value_get_integer(await(on_time, "lobby"), "wait_min"), ==, 15);
    await_change(scene, "waiting");
}

static void entering_the_lobby_is_written(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    enter(in);
    const Value *lobby = await(in, "lobby");
    g_assert_cmpint(value_get_integer(lobby, "place"), ==, 1);
    g_assert_cmpint(value_get_integer(lobby, "wait_min"), ==, 5);
    await_change(scene, "waiting");
    g_assert_cmpint(stored_state(scene, id), ==, APPOINTMENT_WAITING);
}

static void the_place_counts_earlier_appointments(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 first = book(scene, TEN), second = book(scene, TEN + 1200);
    Visitor *one = citizen(scene, first, 11, "Mario Rossi");
    enter(one);
    await(one, "lobby");
    clock_move(scene->clock, TEN + 1200 - 300);
    Visitor *two = citizen(scene, second, 12, "Luisa Bianchi");
    enter(two);
    g_assert_cmpint(value_get_integer(await(two, "lobby"), "place"), ==, 2);
}

/* --- the call
 * --------------------------------------------------------------------------------------------- */

static void the_officer_admits(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    Visitor *by = officer(scene, id);
    enter(in);
    await_change(scene, "waiting");
    enter(by);
    const Value *person = value_at(await_waiting(by, 1), 0);
    g_assert_cmpstr(value_get_text(person, "name"), ==, "Mario Rossi");
    g_assert_cmpint(value_get_integer(person, "id"), ==, in->id);
    admit(by, in->id);
    await(in, "admitted");
    await_change(scene, "in_call");
    const Value *peers = await_peers(in, 2);
    g_assert_cmpstr(value_get_text(value_at(peers, 0), "role"), ==, "citizen");
    g_assert_cmpstr(value_get_text(value_at(peers, 1), "name"), ==, "Anna Verdi");
    g_assert_cmpstr(value_get_text(value_at(peers, 1), "role"), ==, "officer");
    await_waiting(by, 0);
    g_assert_cmpint(stored_state(scene, id), ==, APPOINTMENT_IN_CALL);
}

static void a_citizen_admits_nobody(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    enter(in);
    await_change(scene, "waiting");
    admit(in, in->id);
    Visitor *by = officer(scene, id);
    enter(by);
    await_waiting(by, 1); /* still there */
}

static void an_officer_of_another_room_admits_nobody(Scene *scene,
                                                     gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN), other = book(scene, TEN + 3600);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    enter(in);
    await_change(scene, "waiting");
    Visitor *stranger = officer(scene, other);
    enter(stranger);
    admit(stranger, in->id);
    Visitor *by = officer(scene, id);
    enter(by);
    await_waiting(by, 1);
}

static void signals_arrive_in_order(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    for (guint i = 0; i < 200; i++)
        signal_to(in, by->id, i);
    for (guint i = 0; i < 200; i++) {
        const Value *signal = await(by, "signal");
        const Value *candidate = value_get(value_get(signal, "data"), "candidate");
        g_assert_cmpint(value_get_integer(signal, "from"), ==, in->id);
        g_assert_cmpint(value_get_integer(candidate, "n"), ==, i);
    }
}

static void signals_stay_inside(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN), other = book(scene, TEN + 3600);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    Visitor *waiting = citizen(scene, id, 12, "Luisa Bianchi");
    enter(waiting);
    await(waiting, "lobby");
    Visitor *stranger = officer(scene, other);
    enter(stranger);
    signal_to(waiting, by->id, 1);
    signal_to(stranger, by->id, 2);
    signal_to(by, by->id, 3);
    signal_to(by, waiting->id, 4);
    await_peers(stranger, 1);
    loop_run(&scene->loop, nothing, NULL);
    look_around(by, true);
    go_away(scene, waiting);
}

static void media_are_shown_to_the_others(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    ws_say(in->fd, "{\"type\":\"media\",\"camera\":false,\"microphone\":true}");
    for (;;) {
        const Value *seen = value_at(await_peers(by, 2), 0);
        if (!value_get_boolean(seen, "microphone"))
            continue;
        g_assert_false(value_get_boolean(seen, "camera"));
        break;
    }
}

static void nonsense_is_passed_over(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const words[] = {"",
                                        "null",
                                        "[]",
                                        "{",
                                        "{\"type\":7}",
                                        "{\"type\":\"admit\"}",
                                        "{\"type\":\"signal\",\"to\":\"x\"}",
                                        "{\"type\":\"unknown\"}",
                                        "{\"type\":\"leave\"}"};
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        ws_say(in->fd, words[i]);
    enter(in);
    g_assert_cmpint(value_get_integer(await(in, "lobby"), "place"), ==, 1);
}

/* --- how many
 * ------------------------------------------------------------------------------------------------
 */

static void a_full_room_refuses(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by); /* two of three */
    Visitor *third = citizen(scene, id, 12, "Luisa Bianchi");
    Visitor *fourth = citizen(scene, id, 13, "Carlo Gialli");
    enter(third);
    enter(fourth);
    await_waiting(by, 2);
    admit(by, third->id);
    await(third, "admitted");
    admit(by, fourth->id); /* no place: stays in the lobby */
    g_assert_cmpuint(value_length(look_around(by, true)), ==, 3);
    Visitor *fifth = citizen(scene, id, 14, "Elena Rosa");
    enter(fifth);
    await_refusal(fifth, "refused", "full");
}

/* --- leaving
 * --------------------------------------------------------------------------------------------------
 */

static void leaving_the_call_is_waiting(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    ws_say(in->fd, "{\"type\":\"leave\"}");
    await_peers(by, 1);
    await_change(scene, "waiting");
    enter(in); /* whoever was admitted needs not ask again */
    await(in, "admitted");
    await_change(scene, "in_call");
}

static void a_lost_connection_is_leaving(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    shutdown(by->fd, SHUT_RDWR);
    await_peers(in, 1);
    await_change(scene, "waiting");
}

static void sixty_seconds_away_is_booked_again(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    enter(in);
    await_change(scene, "waiting");
    tick(scene);
    a_minute_passes(scene); /* somebody is there: nothing happens */
    go_away(scene, in);
    tick(scene); /* not yet a minute */
    a_minute_passes(scene);
    await_change(scene, "booked");
    g_assert_cmpint(stored_state(scene, id), ==, APPOINTMENT_BOOKED);
    g_assert_cmpuint(rooms_open(scene), ==, 0);
}

static void whoever_returns_within_a_minute_still_waits(Scene *scene,
                                                        gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    enter(in);
    await_change(scene, "waiting");
    go_away(scene, in);
    tick(scene);
    Visitor *again = citizen(scene, id, 11, "Mario Rossi");
    enter(again);
    await(again, "lobby");
    a_minute_passes(scene);
    Visitor *by = officer(scene, id);
    enter(by);
    admit(by, again->id);
    await_change(scene, "in_call"); /* and nothing before it */
}

static void a_room_that_nobody_entered_goes_too(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    g_assert_cmpuint(rooms_open(scene), ==, 1);
    go_away(scene, in);
    a_minute_passes(scene);
    g_assert_cmpuint(rooms_open(scene), ==, 0);
}

static void a_seat_opened_again_replaces_the_older(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    Visitor *again = citizen(scene, id, 11, "Mario Rossi");
    await_close(in, 4003);
    await_peers(by, 1);
    enter(again);
    await(again, "admitted");
    const Value *peers = await_peers(by, 2);
    g_assert_cmpint(value_get_integer(value_at(peers, 1), "id"), ==, again->id);
}

/* --- the end
 * ----------------------------------------------------------------------------------------------------
 */

static void everybody_is_told_the_end(gconstpointer reason, Scene *scene)
{
    gint64 id = book(scene, TEN);
    Visitor *in, *by;
    begin_call(scene, id, &in, &by);
    rooms_end(scene->rooms, id, reason);
    await_refusal(in, "ended", reason);
    await_refusal(by, "ended", reason);
    g_assert_cmpuint(rooms_open(scene), ==, 0);
    g_assert_cmpint(stored_state(scene, id), ==,
                    APPOINTMENT_IN_CALL); /* the outcome is another's to write */
    g_assert_null(g_async_queue_try_pop(scene->changes));
}

static void an_outcome_ends_the_call(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    everybody_is_told_the_end("ended", scene);
}

static void a_cancellation_ends_the_call(Scene *scene, gconstpointer unused G_GNUC_UNUSED)
{
    everybody_is_told_the_end("cancelled", scene);
}

static bool cancel(Db *db, gpointer data, GError **error)
{
    const Actor actor = {.kind = ACTOR_CITIZEN, .at = MONDAY};
    return appointment_cancel(db, *(gint64 *)data, "altro", MONDAY, &actor, error);
}

/* Cancelled between the handshake and "Entra". */
static void a_seat_of_a_cancelled_appointment_is_told(Scene *scene,
                                                      gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = book(scene, TEN);
    Visitor *in = citizen(scene, id, 11, "Mario Rossi");
    g_assert_true(store_write(scene->store, cancel, &id, NULL));
    enter(in);
    await_refusal(in, "ended", "ended");
    g_assert_cmpint(stored_state(scene, id), ==, APPOINTMENT_CANCELLED);
}

static void an_end_of_a_room_that_is_not_is_nothing(Scene *scene,
                                                    gconstpointer unused G_GNUC_UNUSED)
{
    rooms_end(scene->rooms, 4711, "ended");
    loop_run(&scene->loop, nothing, NULL);
    g_assert_cmpuint(rooms_open(scene), ==, 0);
}

#define add(name) g_test_add("/room/" #name, Scene, NULL, scene_open, name, scene_close)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add(who_waited_when_the_server_was_killed_has_a_minute_to_come_back);
    add(nobody_is_present_before_entering);
    add(the_welcome_tells_times_and_servers);
    add(the_lobby_opens_fifteen_minutes_before);
    add(entering_the_lobby_is_written);
    add(the_place_counts_earlier_appointments);
    add(the_officer_admits);
    add(a_citizen_admits_nobody);
    add(an_officer_of_another_room_admits_nobody);
    add(signals_arrive_in_order);
    add(signals_stay_inside);
    add(media_are_shown_to_the_others);
    add(nonsense_is_passed_over);
    add(a_full_room_refuses);
    add(leaving_the_call_is_waiting);
    add(a_lost_connection_is_leaving);
    add(sixty_seconds_away_is_booked_again);
    add(whoever_returns_within_a_minute_still_waits);
    add(a_room_that_nobody_entered_goes_too);
    add(a_seat_opened_again_replaces_the_older);
    add(an_outcome_ends_the_call);
    add(a_cancellation_ends_the_call);
    add(a_seat_of_a_cancelled_appointment_is_told);
    add(an_end_of_a_room_that_is_not_is_nothing);
    return g_test_run();
}
