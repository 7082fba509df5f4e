// An alarm in C, on the bindings that wit-bindgen makes: an LED goes on when a potentiometer is turned past the middle, and
// off again when it is turned back below two fifths. The module sleeps in between.
#include "guest.h"
#include <stdio.h>

static const float ON_ABOVE = 0.5f;
static const float OFF_BELOW = 0.4f;

// Waits for a pollable and gives it back.
static void wait(wasi_io_poll_own_pollable_t pollable) {
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
}

int main(void) {
    guest_string_t pot_label, led_label;
    guest_string_set(&pot_label, "pot");
    guest_string_set(&led_label, "led0");
    wasi_gpio_analog_own_analog_in_pin_t pot_pin;
    wasi_gpio_digital_own_digital_out_pin_t led_pin;
    wasi_gpio_general_gpio_error_t error;
    if (!wasmote_open_analog_open_in(&pot_label, &pot_pin, &error) ||
        !wasmote_open_digital_open_out(&led_label, &led_pin, &error)) {
        printf("a pin does not open (error %d)\n", error.tag);
        return 1;
    }
    wasi_gpio_analog_borrow_analog_in_pin_t pot = wasi_gpio_analog_borrow_analog_in_pin(pot_pin);
    wasi_gpio_digital_borrow_digital_out_pin_t led = wasi_gpio_digital_borrow_digital_out_pin(led_pin);
    for (;;) {
        wasi_io_poll_own_pollable_t pollable;
        if (!wasi_gpio_analog_method_analog_in_pin_watch_above(pot, ON_ABOVE, &pollable, &error)) {
            return 1;
        }
        wait(pollable);
        puts("alarm");
        wasi_gpio_digital_method_digital_out_pin_set_active(led, &error);
        if (!wasi_gpio_analog_method_analog_in_pin_watch_below(pot, OFF_BELOW, &pollable, &error)) {
            return 1;
        }
        wait(pollable);
        puts("all is well");
        wasi_gpio_digital_method_digital_out_pin_set_inactive(led, &error);
    }
}
