/* room.c - who is where: entering, being admitted, leaving, and the state that follows from it.
 *
 * The state of an appointment is never commanded by a message: it is settled from who is connected.
 * A call is going on while an officer and an admitted person are both inside; somebody who entered
 * and is not in a call is waiting.
 */
#include "room/internal.h"

#define MESSAGE_MS ((gint64)20) /* 50 messages a second for ever */
#define MESSAGES_AT_ONCE 300

typedef struct {
    Rooms *rooms;
    gint64 appointment, office, at;
    char *code;
    AppointmentState to;
} StateChange;

static void state_change_free(StateChange *change)
{
    g_free(change->code);
    g_free(change);
}

/* --- what is written ------------------------------------------------------------------------- */

static bool write_state(Db *db, gpointer data, GError **error)
{
    const StateChange *change = data;
    const Actor actor = {.kind = ACTOR_SYSTEM, .at = change->at, .detail = "room"};
    return appointment_change(db, change->appointment, change->to, &actor, error);
}

static void run_state_change(gpointer data, gpointer user_data)
{
    StateChange *change = data;
    Rooms *rooms = user_data;
    g_autoptr(GError) error = NULL;

    if (!store_write(rooms->store, write_state, change, &error)) {
        g_message("event=room_state_refused appointment=%" G_GINT64_FORMAT " to=%s reason=\"%s\"",
                  change->appointment, appointment_state_name(change->to), error->message);
        if (g_error_matches(error, STORE_ERROR, STORE_ERROR_TRANSITION))
            rooms_end(rooms, change->appointment, "ended"); /* it was over before they came in */
    }
    if (rooms->changed)
        rooms->changed(change->office, change->code, appointment_state_name(change->to),
                       rooms->context);
    state_change_free(change);
}

static void become_at(Rooms *rooms, Room *room, AppointmentState to, gint64 at)
{
    if (room->state == to)
        return;
    StateChange *change = g_new0(StateChange, 1);
    change->appointment = room->appointment;
    change->office = room->office;
    change->at = at;
    change->code = g_strdup(room->code);
    change->to = to;
    room->state = to;
    g_thread_pool_push(rooms->writing, change, NULL);
}

static void become(Rooms *rooms, Room *room, AppointmentState to)
{
    become_at(rooms, room, to, clock_now(rooms->clock));
}

/* --- who is where ---------------------------------------------------------------------------- */

bool room_seat_is_inside(const Room *room, const RoomSeat *seat)
{
    if (!seat->entered)
        return false;
    return seat->role == PARTICIPANT_OFFICER ||
           g_hash_table_contains(room->admitted, &seat->participant);
}

bool room_seat_is_waiting(const Room *room, const RoomSeat *seat)
{
    return seat->entered && !room_seat_is_inside(room, seat);
}

bool room_seat_is_early(const Rooms *rooms, const RoomSeat *seat)
{
    return seat->role != PARTICIPANT_OFFICER &&
           clock_now(rooms->clock) < seat->starts_at - (gint64)seat->lobby_min * 60;
}

GPtrArray *room_people(Rooms *rooms, const Room *room)
{
    return hub_peers(rooms->hub, room->topic);
}

static Room *room_open(Rooms *rooms, gint64 appointment, gint64 office, const char *code,
                       AppointmentState state)
{
    Room *room = g_new0(Room, 1);
    room->appointment = appointment;
    room->office = office;
    room->code = g_strdup(code);
    room->topic = room_topic(appointment);
    room->admitted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    room->state = state;
    g_hash_table_insert(rooms->rooms, &room->appointment, room);
    return room;
}

static Room *room_of(Rooms *rooms, const RoomSeat *seat)
{
    Room *room = g_hash_table_lookup(rooms->rooms, &seat->appointment);
    return room ? room : room_open(rooms, seat->appointment, seat->office, seat->code, seat->state);
}

static void room_free(gpointer data)
{
    Room *room = data;
    g_hash_table_unref(room->admitted);
    g_free(room->code);
    g_free(room->topic);
    g_free(room);
}

/* The state that follows from who is here; whoever is left behind is told. */
static void settle(Rooms *rooms, Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    guint officers = 0, citizens_inside = 0, citizens = 0;

    for (guint i = 0; i < people->len; i++) {
        const RoomSeat *seat = hub_peer_member(people->pdata[i]);
        if (!seat->entered)
            continue;
        if (seat->role == PARTICIPANT_OFFICER)
            officers++;
        else
            citizens++;
        if (seat->role != PARTICIPANT_OFFICER && room_seat_is_inside(room, seat))
            citizens_inside++;
    }
    if (citizens > 0)
        room->empty_since_ms = 0;
    else if (room->empty_since_ms == 0)
        room->empty_since_ms = clock_monotonic_ms(rooms->clock);

    if (officers > 0 && citizens_inside > 0) {
        if (room->state == APPOINTMENT_BOOKED)
            become(rooms, room, APPOINTMENT_WAITING);
        become(rooms, room, APPOINTMENT_IN_CALL);
    } else if (citizens > 0 || room->state == APPOINTMENT_IN_CALL) {
        become(rooms, room, APPOINTMENT_WAITING);
    }
    room_say_peers(rooms, room);
    room_say_lobby(rooms, room);
}

static guint count_people(Rooms *rooms, const Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    return people->len;
}

static guint count_inside(Rooms *rooms, const Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    guint inside = 0;
    for (guint i = 0; i < people->len; i++)
        if (room_seat_is_inside(room, hub_peer_member(people->pdata[i])))
            inside++;
    return inside;
}

/* --- what a seat says ------------------------------------------------------------------------ */

static void enter(Rooms *rooms, Room *room, HubPeer *peer, RoomSeat *seat)
{
    if (room_seat_is_early(rooms, seat)) {
        room_say_end(peer, "refused", "early");
        return;
    }
    if (count_inside(rooms, room) >= seat->max_people) {
        room_say_end(peer, "refused", "full");
        return;
    }
    seat->entered = true;
    if (room_seat_is_inside(room, seat))
        room_say_admitted(peer);
    settle(rooms, room);
}

static void admit(Rooms *rooms, Room *room, const RoomSeat *by, const Value *message)
{
    HubPeer *peer = hub_peer_find(rooms->hub, (guint64)value_get_integer(message, "peer"));
    if (by->role != PARTICIPANT_OFFICER || !by->entered || !peer ||
        g_strcmp0(hub_peer_topic(peer), room->topic) != 0)
        return;
    const RoomSeat *seat = hub_peer_member(peer);
    if (!room_seat_is_waiting(room, seat) || count_inside(rooms, room) >= by->max_people)
        return;
    gint64 *participant = g_new(gint64, 1);
    *participant = seat->participant;
    g_hash_table_add(room->admitted, participant);
    room_say_admitted(peer);
    settle(rooms, room);
}

static void relay(Rooms *rooms, const Room *room, HubPeer *from, Arena *arena, const Value *message)
{
    HubPeer *to = hub_peer_find(rooms->hub, (guint64)value_get_integer(message, "to"));
    const Value *data = value_get(message, "data");
    if (!to || !data || to == from || g_strcmp0(hub_peer_topic(to), room->topic) != 0)
        return;
    if (!room_seat_is_inside(room, hub_peer_member(from)) ||
        !room_seat_is_inside(room, hub_peer_member(to)))
        return;
    room_say_signal(from, to, arena, data);
}

static void leave(Rooms *rooms, Room *room, RoomSeat *seat)
{
    seat->entered = false;
    settle(rooms, room);
}

static void set_media(Rooms *rooms, const Room *room, RoomSeat *seat, const Value *message)
{
    const bool camera = value_get_boolean(message, "camera");
    const bool microphone = value_get_boolean(message, "microphone");
    const bool is_news = camera != seat->camera || microphone != seat->microphone;
    seat->camera = camera;
    seat->microphone = microphone;
    if (is_news && room_seat_is_inside(room, seat))
        room_say_peers(rooms, room);
}

/* Everything said is told to others, whose connections a flood would fill. A call needs some
 * hundred messages while it is set up, few afterwards. */
static bool says_too_much(const Rooms *rooms, RoomSeat *seat)
{
    const gint64 now_ms = clock_monotonic_ms(rooms->clock);
    seat->spoken_until_ms = MAX(seat->spoken_until_ms, now_ms) + MESSAGE_MS;
    return seat->spoken_until_ms - now_ms > MESSAGES_AT_ONCE * MESSAGE_MS;
}

static void said(HubPeer *peer, const char *text, gsize length, gpointer context)
{
    Rooms *rooms = context;
    RoomSeat *seat = hub_peer_member(peer);
    Room *room = room_of(rooms, seat);
    if (says_too_much(rooms, seat)) {
        hub_peer_close(peer, 1008);
        return;
    }
    g_autoptr(Arena) arena = arena_new();
    const Value *message = value_parse_json(arena, text, length, NULL);
    if (!message || value_kind(message) != VALUE_OBJECT)
        return;

    const char *type = value_get_text(message, "type");
    if (g_strcmp0(type, "signal") == 0)
        relay(rooms, room, peer, arena, message);
    else if (g_strcmp0(type, "media") == 0)
        set_media(rooms, room, seat, message);
    else if (g_strcmp0(type, "enter") == 0 && !seat->entered)
        enter(rooms, room, peer, seat);
    else if (g_strcmp0(type, "admit") == 0)
        admit(rooms, room, seat, message);
    else if (g_strcmp0(type, "leave") == 0 && seat->entered)
        leave(rooms, room, seat);
}

/* The same seat opened again: the newer connection goes on. TRUE when the older one was present. */
static bool close_older(Rooms *rooms, const Room *room, const HubPeer *newer)
{
    const RoomSeat *seat = hub_peer_member(newer);
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    bool was_present = false;
    for (guint i = 0; i < people->len; i++) {
        HubPeer *peer = people->pdata[i];
        RoomSeat *other = hub_peer_member(peer);
        if (peer == newer || other->participant != seat->participant)
            continue;
        was_present |= other->entered;
        other->entered = false;
        hub_peer_close(peer, 4003);
    }
    return was_present;
}

static void joined(HubPeer *peer, gpointer context)
{
    Rooms *rooms = context;
    const RoomSeat *seat = hub_peer_member(peer);
    Room *room = room_of(rooms, seat);
    room->starts_at = seat->starts_at; /* it may have been moved since */
    room->ends_at = seat->ends_at;
    const bool was_present = close_older(rooms, room, peer);
    room_say_welcome(rooms, room, peer);
    if (was_present)
        settle(rooms, room);
}

static void left(HubPeer *peer, gpointer context)
{
    Rooms *rooms = context;
    RoomSeat *seat = hub_peer_member(peer);
    Room *room = g_hash_table_lookup(rooms->rooms, &seat->appointment);
    if (!room)
        return;
    if (seat->entered)
        leave(rooms, room, seat);
    else if (room->empty_since_ms == 0 && count_people(rooms, room) == 0)
        room->empty_since_ms = clock_monotonic_ms(rooms->clock); /* so that the room goes too */
}

/* --- what comes from outside the loop -------------------------------------------------------- */

typedef struct {
    Rooms *rooms;
    gint64 appointment;
    char *reason;
} Ending;

static void ending_free(gpointer data)
{
    Ending *ending = data;
    g_free(ending->reason);
    g_free(ending);
}

static void end_in_loop(gpointer data)
{
    const Ending *ending = data;
    Room *room = g_hash_table_lookup(ending->rooms->rooms, &ending->appointment);
    if (!room)
        return;
    g_autoptr(GPtrArray) people = room_people(ending->rooms, room);
    for (guint i = 0; i < people->len; i++) {
        RoomSeat *seat = hub_peer_member(people->pdata[i]);
        seat->entered = false; /* leaving now settles nothing more */
        room_say_end(people->pdata[i], "ended", ending->reason);
    }
    g_hash_table_remove(ending->rooms->rooms, &ending->appointment);
}

void rooms_end(Rooms *rooms, gint64 appointment_id, const char *reason)
{
    Ending *ending = g_new0(Ending, 1);
    ending->rooms = rooms;
    ending->appointment = appointment_id;
    ending->reason = g_strdup(reason);
    hub_call(rooms->hub, end_in_loop, ending, ending_free);
}

static void tick_in_loop(gpointer data)
{
    Rooms *rooms = data;
    const gint64 now_ms = clock_monotonic_ms(rooms->clock);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, rooms->rooms);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Room *room = value;
        if (room->empty_since_ms == 0 || now_ms - room->empty_since_ms < ROOM_AWAY_MS)
            continue;
        if (room->state == APPOINTMENT_WAITING)
            become(rooms, room, APPOINTMENT_BOOKED);
        if (count_people(rooms, room) == 0)
            g_hash_table_iter_remove(&iter);
    }
}

void rooms_tick(Rooms *rooms)
{
    hub_call(rooms->hub, tick_in_loop, rooms, NULL);
}

/* --- making and ending ----------------------------------------------------------------------- */

/* Who was there when the server stopped, or was killed, has a minute to come back like everybody
 * who leaves; a call goes on at most until its end. */
static void take_up(Rooms *rooms, AppointmentState state)
{
    g_autoptr(GError) error = NULL;
    Db *db = store_reader(rooms->store);
    g_autoptr(GPtrArray) open = appointment_list_in_state(db, state, &error);
    store_reader_done(rooms->store, db);
    if (!open)
        g_warning("event=rooms_not_taken_up reason=\"%s\"", error->message);
    for (guint i = 0; open && i < open->len; i++) {
        const Appointment *one = open->pdata[i];
        Room *room = room_open(rooms, one->id, one->office_id, one->request_code, state);
        room->empty_since_ms = clock_monotonic_ms(rooms->clock);
        if (state == APPOINTMENT_IN_CALL)
            become_at(rooms, room, APPOINTMENT_WAITING, MIN(clock_now(rooms->clock), one->ends_at));
    }
}

Rooms *rooms_new(Store *store, Clock *clock, Hub *hub, const RoomSettings *settings,
                 RoomChanged *changed, gpointer context)
{
    static const HubCallbacks callbacks = {joined, said, left};
    Rooms *rooms = g_new0(Rooms, 1);
    rooms->store = store;
    rooms->clock = clock;
    rooms->hub = hub;
    rooms->stun_urls = g_strdupv((GStrv)settings->stun_urls);
    rooms->turn_urls = g_strdupv((GStrv)settings->turn_urls);
    rooms->turn_secret = g_strdup(settings->turn_secret);
    rooms->changed = changed;
    rooms->context = context;
    rooms->rooms = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, room_free);
    rooms->writing = g_thread_pool_new(run_state_change, rooms, 1, FALSE, NULL);
    hub_on(hub, "room/", &callbacks, rooms);
    take_up(rooms, APPOINTMENT_WAITING);
    take_up(rooms, APPOINTMENT_IN_CALL);
    return rooms;
}

void rooms_free(Rooms *rooms)
{
    if (!rooms)
        return;
    g_thread_pool_free(rooms->writing, FALSE, TRUE);
    g_hash_table_unref(rooms->rooms);
    g_strfreev(rooms->stun_urls);
    g_strfreev(rooms->turn_urls);
    g_free(rooms->turn_secret);
    g_free(rooms);
}

RoomSeat *room_seat_new(const Appointment *appointment, const RoomSeatSettings *settings)
{
    RoomSeat *seat = g_new0(RoomSeat, 1);
    seat->appointment = appointment->id;
    seat->office = appointment->office_id;
    seat->starts_at = appointment->starts_at;
    seat->ends_at = appointment->ends_at;
    seat->state = appointment->state;
    seat->code = g_strdup(appointment->request_code);
    seat->participant = settings->participant;
    seat->role = settings->role;
    seat->name = g_strdup(settings->name);
    seat->lobby_min = settings->lobby_min;
    seat->max_people = settings->max_people;
    return seat;
}

void room_seat_free(gpointer data)
{
    RoomSeat *seat = data;
    if (!seat)
        return;
    g_free(seat->code);
    g_free(seat->name);
    g_free(seat);
}

char *room_topic(gint64 appointment_id)
{
    return g_strdup_printf("room/%" G_GINT64_FORMAT, appointment_id);
}
