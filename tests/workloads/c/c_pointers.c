// Records that point to one another, in a pool of their own: a list sorted by merging, a hash table with chains, strings copied and
// compared through pointers. What C programs do all day, and what Rust's indices do not show.

typedef unsigned int u32;
typedef unsigned char u8;

enum { RECORDS = 120, BUCKETS = 32, NAME = 12 };

struct record {
  struct record *next;
  struct record *chain;
  u32 key;
  char name[NAME];
};

static struct record pool[RECORDS];
static struct record *buckets[BUCKETS];
static u32 state;

static u32 next_number(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static int compare(const char *a, const char *b) {
  while (*a && *a == *b) {
    a++;
    b++;
  }
  return (u8)*a - (u8)*b;
}

static u32 hash(const char *name) {
  u32 sum = 5381;
  while (*name) sum = sum * 33 ^ (u8)*name++;
  return sum;
}

static void name_of(u32 number, char *name) {
  char *end = name;
  do {
    *end++ = (char)('a' + number % 26);
    number /= 26;
  } while (number && end < name + NAME - 1);
  *end = 0;
}

static struct record *merge(struct record *a, struct record *b) {
  struct record first, *last = &first;
  while (a && b) {
    struct record **from = compare(a->name, b->name) <= 0 ? &a : &b;
    last->next = *from;
    last = *from;
    *from = last->next;
  }
  last->next = a ? a : b;
  return first.next;
}

static struct record *sort(struct record *list) {
  if (!list || !list->next) return list;
  struct record *slow = list, *fast = list->next;
  while (fast && fast->next) {
    slow = slow->next;
    fast = fast->next->next;
  }
  struct record *second = slow->next;
  slow->next = 0;
  return merge(sort(list), sort(second));
}

static struct record *find(const char *name) {
  struct record *at = buckets[hash(name) % BUCKETS];
  while (at && compare(at->name, name)) at = at->chain;
  return at;
}

u32 run(u32 rounds) {
  u32 sum = 0;
  for (u32 round = 0; round < rounds; round++) {
    state = round * 2654435761u | 1;
    struct record *list = 0;
    for (int i = 0; i < BUCKETS; i++) buckets[i] = 0;
    for (int i = 0; i < RECORDS; i++) {
      struct record *record = &pool[i];
      record->key = next_number() % 5000;
      name_of(record->key, record->name);
      record->next = list;
      list = record;
      struct record **bucket = &buckets[hash(record->name) % BUCKETS];
      record->chain = *bucket;
      *bucket = record;
    }
    list = sort(list);
    for (struct record *at = list; at; at = at->next) sum = (sum << 5 | sum >> 27) ^ at->key;
    for (int i = 0; i < RECORDS; i++) {
      char name[NAME];
      name_of(next_number() % 5000, name);
      struct record *found = find(name);
      sum = (sum << 5 | sum >> 27) ^ (found ? found->key : 1);
    }
  }
  return sum;
}
