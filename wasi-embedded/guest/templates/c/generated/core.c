// In place of guest_component_type.o, whose section describes the world for tools that make components. A core module does
// not need it, and is smaller without.
void __component_type_object_force_link_guest(void) {}
