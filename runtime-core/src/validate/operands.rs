//! The typing of a function body: the operand stack, the open blocks and the locals, with the place of each value beside its
//! type, so that one pass validates and translates. The algorithm is that of the specification's appendix.

use super::Context;
use super::context::{NONE, stack};
use crate::decode::{ErrorKind, NO_ROOM, Reader};
use crate::isa::{Typed, ValType};

/// Slots of a frame that operands can name: byte offsets are 16 bits wide.
pub(crate) const MAX_SLOTS: u32 = 0x3FFF;

/// Values of a function type from which on a `br_table` remembers what it has checked.
const WORTH_MARKING: usize = 16;

/// Where the value of an operand is while a function is translated.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[repr(u8)]
pub(crate) enum Place {
    /// In the slot that its position on the stack names
    #[default]
    Slot,
    /// Still in a local: a `local.get` that was not emitted
    Local,
    /// A local plus a number, the operand's value: an `i32.add` that was not emitted
    Sum,
    /// Nowhere yet: a constant, the operand's value
    Const,
}

/// A value on the operand stack, or held: taken from there with its value. Two words, so that it is passed on in registers.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Operand {
    /// Slot, and local in the upper half.
    places: u32,
    /// Place, type in the second byte, link in the upper half.
    rest: u32,
}

impl Operand {
    fn new(slot: u16, local: u16, place: Place, ty: Typed, link: u16) -> Operand {
        Operand {
            places: u32::from(slot) | u32::from(local) << 16,
            rest: place as u32 | u32::from(ty.byte()) << 8 | u32::from(link) << 16,
        }
    }

    /// Byte offset in the frame of the position on the stack.
    pub(crate) fn slot(self) -> u16 {
        self.places as u16
    }

    /// Index of the local that it is, or is a sum of.
    pub(crate) fn local(self) -> u16 {
        (self.places >> 16) as u16
    }

    pub(crate) fn place(self) -> Place {
        match self.rest as u8 {
            0 => Place::Slot,
            1 => Place::Local,
            2 => Place::Sum,
            _ => Place::Const,
        }
    }

    pub(crate) fn ty(self) -> Typed {
        Typed::of_byte((self.rest >> 8) as u8)
    }

    /// On the stack, if it depends on a local: 1 + index of the next operand below that names the same local, or 0. Of an operand
    /// that is held, where its value is.
    pub(crate) fn link(self) -> u16 {
        (self.rest >> 16) as u16
    }

    pub(crate) fn linked(self, link: u16) -> Operand {
        Operand { rest: self.rest & 0xFFFF | u32::from(link) << 16, ..self }
    }

    /// The same as a value of another type.
    pub(crate) fn typed(self, ty: Typed) -> Operand {
        Operand { rest: self.rest & !0xFF00 | u32::from(ty.byte()) << 8, ..self }
    }

    /// The same value in the slot of its position.
    pub(crate) fn in_slot(self) -> Operand {
        Operand { rest: self.rest & !0xFF, ..self }
    }

    /// Whether the value depends on a local until it is in its slot.
    pub(crate) fn names_local(self) -> bool {
        matches!(self.place(), Place::Local | Place::Sum)
    }
}

/// An entry of the operand stack.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Entry {
    operand: Operand,
    /// What a constant is, or a sum adds: two words.
    value: [u32; 2],
}

/// What an operand is pushed with: a place, the local that it names, and the value of a constant or a sum.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pushed {
    pub(crate) place: Place,
    pub(crate) local: u16,
    pub(crate) value: u64,
}

/// A local variable.
#[derive(Clone, Copy, Default, Debug)]
#[repr(C)]
pub(crate) struct Local {
    /// Byte offset in the frame.
    pub(crate) slot: u16,
    /// 1 + index of the topmost operand that names this local, or 0.
    pub(crate) uses: u16,
    ty: Typed,
    padding: [u8; 3],
}

/// Which construct opened a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum BlockKind {
    #[default]
    Function,
    Block,
    Loop,
    If,
    Else,
}

/// The type of a block: the index of a function type, the offset in the module's bytes of the only result with the highest bit set,
/// or nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BlockType(u32);

/// Set in a block type that has one result and no parameter.
const SHORT: u32 = 1 << 31;

impl BlockType {
    const EMPTY: BlockType = BlockType(NONE);

    pub(crate) fn func(index: u32) -> BlockType {
        BlockType(index)
    }

    fn index(self) -> Option<u32> {
        (self.0 < SHORT).then_some(self.0)
    }
}

impl Default for BlockType {
    fn default() -> BlockType {
        BlockType::EMPTY
    }
}

/// An open block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) ty: BlockType,
    /// Operands below the block's own.
    pub(crate) height: u32,
    /// Byte offset of the slot at that height.
    pub(crate) base: u16,
    /// Whether the rest of the block cannot be reached.
    pub(crate) unreachable: bool,
    /// What the translator keeps of the label.
    pub(crate) label: Label,
}

/// What the translator keeps of a block's label.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Label {
    /// 1 + unit of the last branch that waits for the label, or 0.
    pub(crate) waiting: u32,
    /// The same for the branch from `if` to `else`.
    pub(crate) else_waiting: u32,
    /// Locals that may be unset where a branch to the label was, and where one to `else` was.
    pub(crate) unset: u32,
    pub(crate) else_unset: u32,
    /// For a loop: unit of the head.
    pub(crate) head: u32,
    /// For a loop: level of the loop around it.
    pub(crate) outer_loop: Option<u32>,
    /// For a loop: cost at its head.
    pub(crate) head_cost: u32,
    /// For a loop: cost at the end of the path that begins at its head, or `NONE` while that path goes on.
    pub(crate) path_end: u32,
}

/// Operands that are held at a time: no instruction uses more than three.
const HELD: usize = 4;

const ENTRY: u32 = size_of::<Entry>() as u32;
const LOCAL: u32 = size_of::<Local>() as u32;
const BLOCK: u32 = size_of::<Block>() as u32;

/// The stacks of a function body. Type errors are the instruction's. A failure to pop or to push sticks: it is looked for after
/// each instruction, and until then there are operands of any type.
pub(crate) struct Typing<'c, 'm> {
    pub(crate) context: &'c mut Context<'m>,
    pub(crate) reader: Reader<'m>,
    /// Offset of the instruction that is being checked.
    pub(crate) at: u32,
    /// Byte offset in the frame of the next operand's slot.
    pub(crate) top: u32,
    /// The greatest `top` so far.
    pub(crate) max_top: u32,
    /// Operands below this index are all in their slots.
    pub(crate) settled: u32,
    /// A copy of the innermost block.
    pub(crate) block: Block,
    /// Values of the operands that were held last.
    held: [[u32; 2]; HELD],
    /// The newest of them.
    holder: u16,
}

impl<'c, 'm> Typing<'c, 'm> {
    /// Nothing of a body has been read yet.
    pub(crate) fn new(context: &'c mut Context<'m>, reader: Reader<'m>) -> Typing<'c, 'm> {
        let (at, block) = (reader.offset(), Block::default());
        let held = [[0; 2]; HELD];
        Typing { context, reader, at, top: 0, max_top: 0, settled: 0, block, held, holder: 0 }
    }

    /// Notes a failure of the instruction, unless something failed before.
    #[inline(always)]
    pub(crate) fn fail(&mut self, kind: ErrorKind) {
        self.reader.fail_at(self.at, kind);
    }

    /// Pushes an entry on one of the stacks; false if there is no room.
    pub(crate) fn push_entry<T: Copy>(&mut self, which: usize, entry: T) -> bool {
        let pushed = self.context.stacks.push(which, entry).is_ok();
        if !pushed {
            self.fail(NO_ROOM);
        }
        pushed
    }

    pub(crate) fn height(&self) -> u32 {
        self.context.stacks.len(stack::OPERANDS) / ENTRY
    }

    pub(crate) fn operand(&self, index: u32) -> Operand {
        self.context.stacks.get(stack::OPERANDS, index * ENTRY)
    }

    pub(crate) fn set_operand(&mut self, index: u32, operand: Operand) {
        self.context.stacks.set(stack::OPERANDS, index * ENTRY, operand);
    }

    /// The operand with this index, held.
    pub(crate) fn hold(&mut self, index: u32) -> Operand {
        let Entry { operand, value } = self.context.stacks.get(stack::OPERANDS, index * ENTRY);
        self.holder = (self.holder + 1) % HELD as u16;
        if let Some(held) = self.held.get_mut(usize::from(self.holder)) {
            *held = value;
        }
        operand.linked(self.holder)
    }

    /// The topmost operand, held.
    pub(crate) fn peek(&mut self) -> Operand {
        self.hold(self.height().saturating_sub(1))
    }

    /// The value of an operand that is held: a constant's, or a sum's.
    pub(crate) fn value(&self, operand: Operand) -> u64 {
        let [low, high] = self.held.get(usize::from(operand.link())).copied().unwrap_or_default();
        u64::from(low) | u64::from(high) << 32
    }

    /// The type and the slot of a local.
    pub(crate) fn local(&mut self, index: u32) -> (Typed, u16) {
        let at = index.saturating_mul(LOCAL);
        if at < self.context.stacks.len(stack::LOCALS) {
            let local: Local = self.context.stacks.get(stack::LOCALS, at);
            return (local.ty, local.slot);
        }
        self.fail(ErrorKind::UnknownLocal);
        (Typed::ANY, 0)
    }

    /// The slot of a local that an operand names.
    pub(crate) fn slot_of(&self, operand: Operand) -> u16 {
        self.context.stacks.get::<Local>(stack::LOCALS, u32::from(operand.local()) * LOCAL).slot
    }

    /// The topmost operand that names a local: 1 + its index, or 0.
    pub(crate) fn uses_of(&self, local: u16) -> u16 {
        self.context.stacks.get::<Local>(stack::LOCALS, u32::from(local) * LOCAL).uses
    }

    /// Changes the topmost operand that names a local.
    pub(crate) fn set_uses(&mut self, local: u16, uses: u16) {
        let at = u32::from(local) * LOCAL;
        let local: Local = self.context.stacks.get(stack::LOCALS, at);
        self.context.stacks.set(stack::LOCALS, at, Local { uses, ..local });
    }

    /// Adds a local behind the others.
    pub(crate) fn declare_local(&mut self, ty: ValType) {
        let local = Local { ty: ty.into(), slot: self.top as u16, uses: 0, padding: [0; 3] };
        self.advance(local.ty);
        self.push_entry(stack::LOCALS, local);
    }

    /// Takes the slots of a value at the top.
    fn advance(&mut self, ty: Typed) {
        self.top += ty.slots() * 4;
        if self.top > self.max_top {
            self.max_top = self.top;
            if self.top > MAX_SLOTS * 4 {
                self.fail(ErrorKind::FrameTooLarge);
            }
        }
    }

    /// Pushes a value and gives the slot that belongs to its position.
    pub(crate) fn push_place(&mut self, ty: Typed, pushed: Pushed) -> u16 {
        let slot = self.top as u16;
        self.advance(ty);
        let Pushed { place, local, value } = pushed;
        let height = self.height();
        let names_local = matches!(place, Place::Local | Place::Sum);
        let link = if names_local { self.uses_of(local) } else { 0 };
        let value = [value as u32, (value >> 32) as u32];
        let operand = Operand::new(slot, local, place, ty, link);
        if self.push_entry(stack::OPERANDS, Entry { operand, value }) {
            if names_local {
                self.set_uses(local, height as u16 + 1);
            } else if place == Place::Slot && self.settled == height {
                self.settled += 1;
            }
        }
        slot
    }

    pub(crate) fn push(&mut self, ty: Typed) -> u16 {
        self.push_place(ty, Pushed::default())
    }

    /// Pops a value of any type.
    pub(crate) fn pop(&mut self) -> Operand {
        let height = self.height();
        if height <= self.block.height {
            if !self.block.unreachable {
                self.fail(ErrorKind::StackUnderflow);
            }
            return Operand { places: self.top, rest: 0 };
        }
        let operand = self.operand(height - 1);
        if operand.names_local() {
            self.set_uses(operand.local(), operand.link());
        }
        let operand = self.peek();
        self.context.stacks.truncate(stack::OPERANDS, (height - 1) * ENTRY);
        self.top = u32::from(operand.slot());
        self.settled = self.settled.min(height - 1);
        operand
    }

    /// Pops a value of this type.
    pub(crate) fn pop_type(&mut self, expected: Typed) -> Operand {
        let operand = self.pop();
        if !operand.ty().fits(expected) {
            self.fail(ErrorKind::TypeMismatch);
        }
        operand
    }

    pub(crate) fn pop_i32(&mut self) -> Operand {
        self.pop_type(ValType::I32.into())
    }

    /// Pops values of these types, the last first.
    pub(crate) fn pop_types(&mut self, types: &[ValType]) {
        for &ty in types.iter().rev() {
            self.pop_type(ty.into());
        }
    }

    pub(crate) fn push_types(&mut self, types: &[ValType]) {
        for &ty in types {
            self.push(ty.into());
        }
    }

    /// Checks that these types are on top, and leaves them there; in unreachable code they appear. False if something has failed.
    pub(crate) fn expect_types(&mut self, types: &[ValType]) -> bool {
        self.check_types(types);
        if self.block.unreachable {
            self.pop_types(types);
            self.push_types(types);
        }
        !self.reader.has_failed()
    }

    /// Checks that these types are on top, as far as the stack is known.
    pub(crate) fn check_types(&mut self, types: &[ValType]) {
        let mut index = self.height();
        for &expected in types.iter().rev() {
            if index <= self.block.height {
                if !self.block.unreachable {
                    self.fail(ErrorKind::StackUnderflow);
                }
                return;
            }
            index -= 1;
            if !self.operand(index).ty().fits(expected.into()) {
                self.fail(ErrorKind::TypeMismatch);
            }
        }
    }

    /// Types that a branch to a block carries.
    pub(crate) fn label_types(&self, kind: BlockKind, ty: BlockType) -> &'m [ValType] {
        if kind == BlockKind::Loop { self.params(ty) } else { self.results(ty) }
    }

    pub(crate) fn params(&self, ty: BlockType) -> &'m [ValType] {
        ty.index().and_then(|index| self.context.func_type(index)).map_or(&[], |f| f.params)
    }

    /// Types that a block leaves.
    pub(crate) fn results(&self, ty: BlockType) -> &'m [ValType] {
        if let Some(index) = ty.index() {
            return self.context.func_type(index).map_or(&[], |f| f.results);
        }
        let len = u32::from(ty != BlockType::EMPTY);
        Reader::at(self.context.wasm, ty.0 & !SHORT, NONE).types(len)
    }

    /// Types of the function's results.
    pub(crate) fn function_results(&self) -> &'m [ValType] {
        self.results(self.label(self.depth()).ty)
    }

    /// The same for equal types.
    pub(crate) fn canonical(&self, ty: BlockType) -> BlockType {
        ty.index().and_then(|index| self.context.type_entry(index)).map_or(ty, |entry| BlockType(entry.canonical))
    }

    /// The place in `stack::SORT` for what is known of a function type as the type of a label: of a loop or of another block.
    fn mark_of(&self, (is_loop, ty): (bool, BlockType)) -> Option<u32> {
        Some((ty.index()? * 2 + u32::from(is_loop)) * 4)
    }

    /// Whether labels of this type were checked by the current instruction.
    pub(crate) fn is_marked(&self, label: (bool, BlockType)) -> bool {
        let stacks = &self.context.stacks;
        let mark = self.mark_of(label).filter(|&at| at < stacks.len(stack::SORT));
        mark.is_some_and(|at| stacks.get::<u32>(stack::SORT, at) == self.at)
    }

    /// Remembers that labels of this type were checked by the current instruction, if the type is long enough to be worth it.
    pub(crate) fn mark(&mut self, label: (bool, BlockType)) {
        let Some(at) = self.mark_of(label) else { return };
        let len = self.context.func_type(at / 8).map_or(0, |ty| ty.params.len() + ty.results.len());
        if len < WORTH_MARKING {
            return;
        }
        while self.context.stacks.len(stack::SORT) < self.context.header.types * 8 {
            if !self.push_entry(stack::SORT, 0u32) {
                return;
            }
        }
        self.context.stacks.set(stack::SORT, at, self.at);
    }

    /// Opens a block over its parameters, which must be on the stack.
    pub(crate) fn open(&mut self, kind: BlockKind, ty: BlockType) {
        let params = self.params(ty);
        self.expect_types(params);
        let height = self.height() - (params.len() as u32).min(self.height());
        let base = if params.is_empty() { self.top as u16 } else { self.operand(height).slot() };
        self.push_entry(stack::BLOCKS, self.block);
        self.block = Block { kind, ty, height, base, unreachable: false, label: Label::default() };
    }

    /// Checks that a block's results, and nothing else, are on the stack at its end. False if something has failed.
    pub(crate) fn check_end(&mut self) -> bool {
        let results = self.results(self.block.ty);
        self.expect_types(results);
        if self.height() != self.block.height + results.len() as u32 {
            self.fail(ErrorKind::StackLeftover);
        }
        !self.reader.has_failed()
    }

    /// Drops the block's operands.
    pub(crate) fn clear(&mut self) {
        while self.height() > self.block.height {
            self.pop();
        }
    }

    /// Marks the rest of the block as unreachable.
    pub(crate) fn set_unreachable(&mut self) {
        self.clear();
        self.block.unreachable = true;
    }

    /// Closes the innermost block, which is not the function's own.
    pub(crate) fn close(&mut self) {
        if let Some(outer) = self.context.stacks.pop::<Block>(stack::BLOCKS) {
            self.block = outer;
        }
    }

    /// Blocks around the innermost one.
    pub(crate) fn depth(&self) -> u32 {
        self.context.stacks.len(stack::BLOCKS) / BLOCK
    }

    /// The block that a label names; the innermost one if there is no such label, which [`Typing::read_label`] has refused.
    pub(crate) fn label(&self, depth: u32) -> &Block {
        let index = self.depth().wrapping_sub(depth);
        let outer = if depth == 0 { None } else { self.context.stacks.view(stack::BLOCKS, index * BLOCK) };
        outer.unwrap_or(&self.block)
    }

    /// Reads the number of a label, which there is.
    pub(crate) fn read_label(&mut self) -> u32 {
        let depth = self.reader.u32();
        if depth <= self.depth() {
            return depth;
        }
        self.fail(ErrorKind::UnknownLabel);
        0
    }

    /// As `label`, to write.
    pub(crate) fn label_mut(&mut self, depth: u32) -> Option<&mut Block> {
        if depth == 0 {
            return Some(&mut self.block);
        }
        let index = self.depth().checked_sub(depth)?;
        self.context.stacks.view_mut(stack::BLOCKS, index * BLOCK)
    }

    /// Reads a block type and looks up its index.
    pub(crate) fn block_type(&mut self) -> BlockType {
        let at = self.reader.offset();
        let value = self.reader.i33();
        if let Ok(index) = u32::try_from(value) {
            if self.context.type_entry(index).is_some() {
                return BlockType(index);
            }
            self.reader.fail_at(at, ErrorKind::UnknownType);
            return BlockType::EMPTY;
        }
        // A negative number of one byte is the short form of a value type, or empty.
        self.reader.go_to(at);
        let byte = self.reader.byte();
        if ValType::from_byte(byte).is_some() {
            return BlockType(at | SHORT);
        }
        if byte != 0x40 {
            self.reader.refuse_type(byte);
        }
        BlockType::EMPTY
    }
}
