// The guest of ../rust again, in C on wit-bindgen's C bindings: `check` gives 0, or the line of the first expectation that
// was not met.
#include "guest.h"
#include <string.h>

// Bindings call exit only when their allocator fails.
#define EXPECT(condition) do { if (!(condition)) return __LINE__; } while (0)
#define BYTES(...) ((guest_list_u8_t){ .ptr = (uint8_t[]){ __VA_ARGS__ }, .len = sizeof((uint8_t[]){ __VA_ARGS__ }) })
#define NO_BYTES ((guest_list_u8_t){ .ptr = (uint8_t *)1, .len = 0 })

static guest_string_t text(const char *bytes) {
    guest_string_t string;
    guest_string_set(&string, bytes);
    return string;
}

static bool is_bytes(const guest_list_u8_t *list, guest_list_u8_t expected) {
    return list->len == expected.len && memcmp(list->ptr, expected.ptr, expected.len) == 0;
}

static bool is_text(const guest_string_t *string, const char *expected) {
    return string->len == strlen(expected) && memcmp(string->ptr, expected, string->len) == 0;
}

// Is a list of bytes what it should be? It is given back either way.
static bool took(guest_list_u8_t *list, guest_list_u8_t expected) {
    bool equal = is_bytes(list, expected);
    guest_list_u8_free(list);
    return equal;
}

static uint32_t buses(void) {
    wasmote_open_i2c_own_i2c_t own;
    wasmote_open_i2c_open_error_t refused;
    guest_string_t label = text("i2c0");
    EXPECT(wasmote_open_i2c_open(&label, &own, &refused));
    wasi_i2c_i2c_borrow_i2c_t bus = wasi_i2c_i2c_borrow_i2c(own);
    guest_list_u8_t read;
    wasi_i2c_i2c_error_code_t error;
    EXPECT(wasi_i2c_i2c_method_i2c_read(bus, 0x48, 4, &read, &error) && took(&read, BYTES(1, 2, 3, 4)));
    EXPECT(wasi_i2c_i2c_method_i2c_read(bus, 0x48, 0, &read, &error) && took(&read, NO_BYTES));
    EXPECT(wasi_i2c_i2c_method_i2c_write(bus, 0x48, &BYTES(1, 2), &error));
    EXPECT(wasi_i2c_i2c_method_i2c_write_read(bus, 0x48, &BYTES(0), 2, &read, &error) && took(&read, BYTES(1, 2)));
    wasi_i2c_i2c_operation_t operations[] = {
        { .tag = WASI_I2C_I2C_OPERATION_WRITE, .val.write = BYTES(9, 8) },
        { .tag = WASI_I2C_I2C_OPERATION_READ, .val.read = 3 },
        { .tag = WASI_I2C_I2C_OPERATION_WRITE, .val.write = NO_BYTES },
        { .tag = WASI_I2C_I2C_OPERATION_READ, .val.read = 1 },
    };
    wasi_i2c_i2c_list_operation_t list = { operations, 4 };
    guest_list_list_u8_t reads;
    EXPECT(wasi_i2c_i2c_method_i2c_transaction(bus, 0x48, &list, &reads, &error));
    EXPECT(reads.len == 2 && is_bytes(&reads.ptr[0], BYTES(1, 2, 3)) && is_bytes(&reads.ptr[1], BYTES(1)));
    guest_list_list_u8_free(&reads);
    EXPECT(!wasi_i2c_i2c_method_i2c_read(bus, 0x80, 1, &read, &error) && error.tag == WASI_I2C_I2C_ERROR_CODE_OTHER);
    EXPECT(!wasi_i2c_i2c_method_i2c_write(bus, 0x50, &BYTES(1), &error));
    EXPECT(error.tag == WASI_I2C_I2C_ERROR_CODE_NO_ACKNOWLEDGE);
    EXPECT(error.val.no_acknowledge == WASI_I2C_I2C_NO_ACKNOWLEDGE_SOURCE_ADDRESS);
    EXPECT(!wasi_i2c_i2c_method_i2c_read(bus, 0x48, UINT64_MAX, &read, &error));
    EXPECT(error.tag == WASI_I2C_I2C_ERROR_CODE_OTHER);
    wasi_i2c_i2c_i2c_drop_own(own);
    wasmote_open_delay_own_delay_t delay = wasmote_open_delay_open();
    wasi_i2c_delay_method_delay_delay_ns(wasi_i2c_delay_borrow_delay(delay), 1000);
    wasi_i2c_delay_delay_drop_own(delay);
    return 0;
}

static uint32_t devices(void) {
    wasi_spi_spi_own_spi_device_t own;
    wasi_spi_spi_error_t error;
    guest_string_t label = text("flash");
    EXPECT(wasi_spi_spi_open(&label, &own, &error));
    wasi_spi_spi_borrow_spi_device_t device = wasi_spi_spi_borrow_spi_device(own);
    guest_list_u8_t read;
    EXPECT(wasi_spi_spi_method_spi_device_read(device, 3, &read, &error) && took(&read, BYTES(1, 2, 3)));
    // The published text has the error in `ok`: all that can be said is that it is the ok arm.
    EXPECT(wasi_spi_spi_method_spi_device_write(device, &BYTES(1, 2, 3), &error));
    EXPECT(wasi_spi_spi_method_spi_device_transfer(device, &BYTES(0, 0x0f), &read, &error));
    EXPECT(took(&read, BYTES(0xff, 0xf0)));
    wasi_spi_spi_operation_t operations[] = {
        { .tag = WASI_SPI_SPI_OPERATION_WRITE, .val.write = BYTES(0x9f) },
        { .tag = WASI_SPI_SPI_OPERATION_DELAY_NS, .val.delay_ns = 100 },
        { .tag = WASI_SPI_SPI_OPERATION_TRANSFER, .val.transfer = BYTES(1) },
        { .tag = WASI_SPI_SPI_OPERATION_READ, .val.read = 2 },
    };
    wasi_spi_spi_list_operation_t list = { operations, 4 };
    wasi_spi_spi_list_operation_result_t results;
    EXPECT(wasi_spi_spi_method_spi_device_transaction(device, &list, &results, &error) && results.len == 4);
    EXPECT(results.ptr[0].tag == WASI_SPI_SPI_OPERATION_RESULT_WRITE);
    EXPECT(results.ptr[1].tag == WASI_SPI_SPI_OPERATION_RESULT_DELAY);
    EXPECT(results.ptr[2].tag == WASI_SPI_SPI_OPERATION_RESULT_TRANSFER);
    EXPECT(is_bytes(&results.ptr[2].val.transfer, BYTES(0xfe)));
    EXPECT(results.ptr[3].tag == WASI_SPI_SPI_OPERATION_RESULT_READ && is_bytes(&results.ptr[3].val.read, BYTES(1, 2)));
    wasi_spi_spi_list_operation_result_free(&results);
    EXPECT(!wasi_spi_spi_method_spi_device_read(device, 1ull << 63, &read, &error));
    EXPECT(error.tag == WASI_SPI_SPI_ERROR_OTHER && is_text(&error.val.other, "longer than this module may read"));
    wasi_spi_spi_error_free(&error);
    wasi_spi_spi_spi_device_drop_own(own);
    return 0;
}

static uint32_t outputs(void) {
    wasmote_open_digital_own_digital_in_out_pin_t own;
    wasi_gpio_digital_gpio_error_t error;
    guest_string_t label = text("pin");
    EXPECT(wasmote_open_digital_open_in_out(&label, &own, &error));
    wasi_gpio_digital_borrow_digital_in_out_pin_t led = wasi_gpio_digital_borrow_digital_in_out_pin(own);
    wasi_gpio_digital_digital_config_t config;
    wasi_gpio_digital_method_digital_in_out_pin_get_config(led, &config);
    EXPECT(is_text(&config.label, "pin") && config.pin_mode == WASI_GPIO_GENERAL_PIN_MODE_IN_OUT);
    EXPECT(config.active_level == WASI_GPIO_GENERAL_ACTIVE_LEVEL_ACTIVE_HIGH && !config.pull_resistor.is_some);
    wasi_gpio_digital_digital_config_free(&config);
    bool is;
    wasi_gpio_digital_pin_state_t state;
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_set_active(led, &error));
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_is_active(led, &is, &error) && is);
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_read(led, &state, &error));
    EXPECT(state == WASI_GPIO_DIGITAL_PIN_STATE_ACTIVE);
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_toggle(led, &error));
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_is_inactive(led, &is, &error) && is);
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_set_state(led, WASI_GPIO_DIGITAL_PIN_STATE_ACTIVE, &error));
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_is_inactive(led, &is, &error) && !is);
    EXPECT(wasi_gpio_digital_method_digital_in_out_pin_set_inactive(led, &error));
    wasi_gpio_digital_digital_in_out_pin_drop_own(own);

    wasmote_open_digital_own_digital_out_pin_t out;
    EXPECT(wasmote_open_digital_open_out(&label, &out, &error));
    EXPECT(wasi_gpio_digital_method_digital_out_pin_toggle(wasi_gpio_digital_borrow_digital_out_pin(out), &error));
    EXPECT(wasi_gpio_digital_method_digital_out_pin_toggle(wasi_gpio_digital_borrow_digital_out_pin(out), &error));
    wasi_io_poll_own_pollable_t ready =
        wasi_gpio_digital_method_digital_out_pin_watch_for_ready(wasi_gpio_digital_borrow_digital_out_pin(out));
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(ready));
    wasi_io_poll_pollable_drop_own(ready);
    wasi_gpio_digital_digital_out_pin_drop_own(out);
    return 0;
}

static uint32_t inputs(void) {
    wasmote_open_digital_own_digital_in_pin_t own;
    wasi_gpio_digital_gpio_error_t error;
    guest_string_t label = text("pin");
    EXPECT(wasmote_open_digital_open_in(&label, &own, &error));
    wasi_gpio_digital_borrow_digital_in_pin_t button = wasi_gpio_digital_borrow_digital_in_pin(own);
    wasi_io_poll_own_pollable_t watches[3];
    EXPECT(wasi_gpio_digital_method_digital_in_pin_watch_rising_edge(button, &watches[0], &error));
    EXPECT(wasi_gpio_digital_method_digital_in_pin_watch_inactive(button, &watches[1], &error));
    EXPECT(wasi_gpio_digital_method_digital_in_pin_watch_state(
        button, WASI_GPIO_DIGITAL_PIN_STATE_ACTIVE, &watches[2], &error));
    wasi_io_poll_borrow_pollable_t lent[3];
    for (int n = 0; n < 3; n++) lent[n] = wasi_io_poll_borrow_pollable(watches[n]);
    EXPECT(!wasi_io_poll_method_pollable_ready(lent[0]) && wasi_io_poll_method_pollable_ready(lent[1]));
    EXPECT(!wasi_io_poll_method_pollable_ready(lent[2]));
    wasi_io_poll_list_borrow_pollable_t all = { lent, 3 };
    guest_list_u32_t found;
    wasi_io_poll_poll(&all, &found);
    EXPECT(found.len == 1 && found.ptr[0] == 1);
    guest_list_u32_free(&found);
    for (int n = 0; n < 3; n++) wasi_io_poll_pollable_drop_own(watches[n]);
    wasi_gpio_digital_digital_in_pin_drop_own(own);
    return 0;
}

static uint32_t levels(void) {
    wasmote_open_analog_own_analog_in_out_pin_t own;
    wasi_gpio_analog_gpio_error_t error;
    guest_string_t label = text("level");
    EXPECT(wasmote_open_analog_open_in_out(&label, &own, &error));
    wasi_gpio_analog_borrow_analog_in_out_pin_t knob = wasi_gpio_analog_borrow_analog_in_out_pin(own);
    wasi_gpio_analog_analog_config_t config;
    wasi_gpio_analog_method_analog_in_out_pin_get_config(knob, &config);
    EXPECT(is_text(&config.label, "level"));
    wasi_gpio_analog_analog_config_free(&config);
    uint32_t raw;
    float fraction;
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_set_value_raw(knob, 1000, &error));
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_read_raw(knob, &raw, &error) && raw == 1000);
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_set_value(knob, 0.5f, &error));
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_read(knob, &fraction, &error));
    EXPECT(fraction > 0.499f && fraction < 0.501f);
    wasi_io_poll_own_pollable_t above, below;
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_watch_above(knob, 0.4f, &above, &error));
    EXPECT(wasi_gpio_analog_method_analog_in_out_pin_watch_below_raw(knob, 100, &below, &error));
    wasi_io_poll_borrow_pollable_t lent[2] = {
        wasi_io_poll_borrow_pollable(below),
        wasi_io_poll_borrow_pollable(above),
    };
    wasi_io_poll_list_borrow_pollable_t all = { lent, 2 };
    guest_list_u32_t found;
    wasi_io_poll_poll(&all, &found);
    EXPECT(found.len == 1 && found.ptr[0] == 1);
    guest_list_u32_free(&found);
    wasi_io_poll_pollable_drop_own(above);
    wasi_io_poll_pollable_drop_own(below);
    wasi_gpio_analog_analog_in_out_pin_drop_own(own);
    return 0;
}

static uint32_t waiting(void) {
    wasmote_open_digital_own_digital_in_pin_t button;
    wasi_gpio_digital_gpio_error_t error;
    guest_string_t label = text("pin");
    EXPECT(wasmote_open_digital_open_in(&label, &button, &error));
    wasi_io_poll_own_pollable_t pressed;
    EXPECT(wasi_gpio_digital_method_digital_in_pin_watch_rising_edge(
        wasi_gpio_digital_borrow_digital_in_pin(button), &pressed, &error));
    // The test presses when this waits, three times.
    for (int n = 0; n < 3; n++) {
        wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pressed));
        EXPECT(!wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(pressed)));
    }
    wasi_gpio_delay_delay_ns(100);
    wasi_gpio_delay_delay_us(100);
    wasi_gpio_delay_delay_ms(100);
    wasi_io_poll_pollable_drop_own(pressed);
    wasi_gpio_digital_digital_in_pin_drop_own(button);
    return 0;
}

static uint32_t refusals(void) {
    wasmote_open_digital_own_digital_out_pin_t pin;
    wasmote_open_i2c_own_i2c_t bus;
    wasi_spi_spi_own_spi_device_t device;
    wasi_gpio_digital_gpio_error_t pin_error;
    wasmote_open_i2c_open_error_t bus_error;
    wasi_spi_spi_error_t device_error;
    guest_string_t nowhere = text("nowhere"), other = text("i2c1"), card = text("card");
    EXPECT(!wasmote_open_digital_open_out(&nowhere, &pin, &pin_error));
    EXPECT(pin_error.tag == WASI_GPIO_GENERAL_GPIO_ERROR_UNDEFINED_PIN_LABEL);
    EXPECT(!wasmote_open_i2c_open(&other, &bus, &bus_error) && bus_error == WASMOTE_OPEN_I2C_OPEN_ERROR_UNKNOWN_LABEL);
    EXPECT(!wasi_spi_spi_open(&card, &device, &device_error) && device_error.tag == WASI_SPI_SPI_ERROR_OTHER);
    EXPECT(is_text(&device_error.val.other, "card: unknown (module guest)"));
    wasi_spi_spi_error_free(&device_error);
    return 0;
}

uint32_t exports_guest_check(void) {
    uint32_t (*const checks[])(void) = { buses, devices, outputs, inputs, levels, waiting, refusals };
    for (unsigned n = 0; n < sizeof checks / sizeof *checks; n++) {
        uint32_t line = checks[n]();
        if (line) return line;
    }
    return 0;
}
