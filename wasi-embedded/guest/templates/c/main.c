// {{project-name}}: an LED that blinks.
#include "guest.h"
#include <stdio.h>

int main(void) {
    guest_string_t label;
    guest_string_set(&label, "led0");
    wasi_gpio_digital_own_digital_out_pin_t pin;
    wasi_gpio_general_gpio_error_t error;
    if (!wasmote_open_digital_open_out(&label, &pin, &error)) {
        printf("the LED does not open (error %d)\n", error.tag);
        return 1;
    }
    wasi_gpio_digital_borrow_digital_out_pin_t led = wasi_gpio_digital_borrow_digital_out_pin(pin);
    for (;;) {
        wasi_gpio_digital_method_digital_out_pin_toggle(led, &error);
        wasi_gpio_delay_delay_ms(500);
    }
}
