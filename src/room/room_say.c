/* room_say.c - what a room tells its seats, as JSON. See room.h for the list of messages. */
#include "room/internal.h"

#define TURN_VALID_S ((gint64)6 * 3600)

static void send(HubPeer *peer, const Value *message)
{
    g_autoptr(GString) json = g_string_new(NULL);
    value_write_json(message, json);
    hub_peer_send(peer, json->str);
}

static Value *message_new(Arena *arena, const char *type)
{
    Value *message = value_object(arena);
    value_set_text(message, "type", type);
    return message;
}

static void add_urls(Value *server, GStrv urls)
{
    Value *list = value_set_list(server, "urls");
    for (guint i = 0; urls && urls[i]; i++)
        value_append(list, value_text(value_arena(server), urls[i]));
}

/* A password that coturn computes itself (`use-auth-secret`): base64(HMAC-SHA1(secret, expiry)). */
static void add_turn_secret(Value *server, const char *secret, gint64 system_at)
{
    g_autofree char *user = g_strdup_printf("%" G_GINT64_FORMAT, system_at + TURN_VALID_S);
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)secret, strlen(secret));
    guint8 digest[20];
    gsize length = sizeof digest;
    g_hmac_update(hmac, (const guchar *)user, -1);
    g_hmac_get_digest(hmac, digest, &length);
    g_autofree char *password = g_base64_encode(digest, length);
    value_set_copy(server, "username", user);
    value_set_copy(server, "credential", password);
}

static void add_ice(const Rooms *rooms, Value *message)
{
    Value *list = value_set_list(message, "ice");
    if (rooms->stun_urls && rooms->stun_urls[0])
        add_urls(value_append_object(list), rooms->stun_urls);
    if (rooms->turn_urls && rooms->turn_urls[0] && rooms->turn_secret) {
        Value *server = value_append_object(list);
        add_urls(server, rooms->turn_urls);
        add_turn_secret(server, rooms->turn_secret, clock_system(rooms->clock));
    }
}

void room_say_welcome(Rooms *rooms, const Room *room, HubPeer *peer)
{
    g_autoptr(Arena) arena = arena_new();
    Value *message = message_new(arena, "welcome");
    value_set_integer(message, "you", (gint64)hub_peer_id(peer));
    value_set_integer(message, "starts_at", room->starts_at);
    value_set_integer(message, "ends_at", room->ends_at);
    value_set_integer(message, "now", clock_now(rooms->clock));
    if (!room_seat_is_early(rooms, hub_peer_member(peer))) /* who cannot enter needs no relay */
        add_ice(rooms, message);
    send(peer, message);
}

static bool room_has_waiting(Rooms *rooms, const Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    for (guint i = 0; i < people->len; i++)
        if (room_seat_is_waiting(room, hub_peer_member(people->pdata[i])))
            return true;
    return false;
}

/* How many rooms of the office with an earlier start have somebody waiting, this one counted. */
static gint64 place_of(Rooms *rooms, const Room *room)
{
    gint64 place = 1;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, rooms->rooms);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Room *other = value;
        if (other != room && other->office == room->office && other->starts_at < room->starts_at &&
            room_has_waiting(rooms, other))
            place++;
    }
    return place;
}

static void say_lobby_to_waiting(Rooms *rooms, const Room *room, HubPeer *peer)
{
    g_autoptr(Arena) arena = arena_new();
    Value *message = message_new(arena, "lobby");
    const gint64 wait_s = room->starts_at - clock_now(rooms->clock);
    value_set_integer(message, "place", place_of(rooms, room));
    value_set_integer(message, "wait_min", wait_s > 0 ? (wait_s + 59) / 60 : 0);
    send(peer, message);
}

static void say_lobby_to_officer(const Room *room, const GPtrArray *people, HubPeer *officer)
{
    g_autoptr(Arena) arena = arena_new();
    Value *message = message_new(arena, "lobby");
    Value *waiting = value_set_list(message, "waiting");
    for (guint i = 0; i < people->len; i++) {
        const RoomSeat *seat = hub_peer_member(people->pdata[i]);
        if (!room_seat_is_waiting(room, seat))
            continue;
        Value *person = value_append_object(waiting);
        value_set_integer(person, "id", (gint64)hub_peer_id(people->pdata[i]));
        value_set_text(person, "name", seat->name);
    }
    send(officer, message);
}

void room_say_lobby(Rooms *rooms, const Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    for (guint i = 0; i < people->len; i++) {
        const RoomSeat *seat = hub_peer_member(people->pdata[i]);
        if (room_seat_is_waiting(room, seat))
            say_lobby_to_waiting(rooms, room, people->pdata[i]);
        else if (seat->role == PARTICIPANT_OFFICER && seat->entered)
            say_lobby_to_officer(room, people, people->pdata[i]);
    }
}

void room_say_peers(Rooms *rooms, const Room *room)
{
    g_autoptr(GPtrArray) people = room_people(rooms, room);
    g_autoptr(Arena) arena = arena_new();
    Value *message = message_new(arena, "peers");
    Value *list = value_set_list(message, "peers");
    for (guint i = 0; i < people->len; i++) {
        const RoomSeat *seat = hub_peer_member(people->pdata[i]);
        if (!room_seat_is_inside(room, seat))
            continue;
        Value *person = value_append_object(list);
        value_set_integer(person, "id", (gint64)hub_peer_id(people->pdata[i]));
        value_set_text(person, "name", seat->name);
        value_set_text(person, "role", participant_role_name(seat->role));
        value_set_boolean(person, "camera", seat->camera);
        value_set_boolean(person, "microphone", seat->microphone);
    }
    g_autoptr(GString) json = g_string_new(NULL);
    value_write_json(message, json);
    for (guint i = 0; i < people->len; i++)
        if (room_seat_is_inside(room, hub_peer_member(people->pdata[i])))
            hub_peer_send(people->pdata[i], json->str);
}

void room_say_signal(HubPeer *from, HubPeer *to, Arena *arena, const Value *data)
{
    Value *message = message_new(arena, "signal");
    value_set_integer(message, "from", (gint64)hub_peer_id(from));
    value_set(message, "data", (Value *)data);
    send(to, message);
}

void room_say_admitted(HubPeer *peer)
{
    hub_peer_send(peer, "{\"type\":\"admitted\"}");
}

void room_say_end(HubPeer *peer, const char *type, const char *reason)
{
    g_autoptr(Arena) arena = arena_new();
    Value *message = message_new(arena, type);
    value_set_text(message, "reason", reason);
    send(peer, message);
    hub_peer_close(peer, 4004);
}
