//! The typing of a function body: the operand stack, the open blocks and the locals, with the place of each value beside its
//! type, so that one pass validates and translates. The algorithm is that of the specification's appendix.

use super::Context;
use super::context::stack;
use crate::decode::{ErrorKind, Reader, Result};
use crate::isa::ValType;

/// Slots of a frame that operands can name: byte offsets are 16 bits wide.
pub(crate) const MAX_SLOTS: u32 = 0x3FFF;

/// Values of a function type from which on a `br_table` remembers what it has checked.
const WORTH_MARKING: usize = 16;

/// Where the value of an operand is while a function is translated.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) enum Place {
    /// In the slot that its position on the stack names
    #[default]
    Slot,
    /// Still in the local with this index: a `local.get` that was not emitted
    Local(u16),
    /// The local with this index plus a number: an `i32.add` that was not emitted
    Sum(u16, i16),
    /// Nowhere yet: a constant
    Const(u64),
}

impl Place {
    /// The local that the value depends on until it is in its slot.
    pub(crate) fn local(self) -> Option<u16> {
        match self {
            Place::Local(index) | Place::Sum(index, _) => Some(index),
            Place::Slot | Place::Const(_) => None,
        }
    }
}

/// A value on the operand stack.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Operand {
    pub(crate) place: Place,
    /// `None` stands for any type, in unreachable code.
    pub(crate) ty: Option<ValType>,
    /// Byte offset in the frame of the position on the stack.
    pub(crate) slot: u16,
    /// If it depends on a local: 1 + index of the next operand below that names the same local, or 0.
    pub(crate) next_use: u16,
}

/// A local variable.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Local {
    pub(crate) ty: Option<ValType>,
    /// Byte offset in the frame.
    pub(crate) slot: u16,
    /// 1 + index of the topmost operand that names this local, or 0.
    pub(crate) uses: u16,
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

/// The type of a block: short forms, or an index of a function type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum BlockType {
    #[default]
    Empty,
    Value(ValType),
    Func(u32),
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
    /// For a loop: unit of the head.
    pub(crate) head: u32,
    /// For a loop: level of the loop around it.
    pub(crate) outer_loop: Option<u32>,
    /// For a loop: cost at its head.
    pub(crate) head_cost: u32,
    /// For a loop: cost at the end of the path that begins at its head, or `NONE` while that path goes on.
    pub(crate) path_end: u32,
}

const OPERAND: u32 = size_of::<Operand>() as u32;
const LOCAL: u32 = size_of::<Local>() as u32;
const BLOCK: u32 = size_of::<Block>() as u32;

/// The stacks of a function body. Each method reports type errors at the reader's position.
pub(crate) struct Typing<'c, 'm> {
    pub(crate) context: &'c mut Context<'m>,
    pub(crate) reader: Reader<'m>,
    /// Offset of the instruction that is being checked.
    pub(crate) at: Reader<'m>,
    /// Byte offset in the frame of the next operand's slot.
    pub(crate) top: u32,
    /// The greatest `top` so far.
    pub(crate) max_top: u32,
    /// Operands below this index are all in their slots.
    pub(crate) settled: u32,
    /// A copy of the innermost block.
    pub(crate) block: Block,
}

impl<'m> Typing<'_, 'm> {
    #[cold]
    pub(crate) fn error<T>(&self, kind: ErrorKind) -> Result<T> {
        self.at.error(kind)
    }

    pub(crate) fn height(&self) -> u32 {
        self.context.stacks.len(stack::OPERANDS) / OPERAND
    }

    pub(crate) fn operand(&self, index: u32) -> Operand {
        self.context.stacks.get(stack::OPERANDS, index * OPERAND)
    }

    pub(crate) fn set_operand(&mut self, index: u32, operand: Operand) {
        self.context.stacks.set(stack::OPERANDS, index * OPERAND, operand);
    }

    pub(crate) fn local(&self, index: u32) -> Result<Local> {
        let at = index.saturating_mul(LOCAL);
        if at < self.context.stacks.len(stack::LOCALS) {
            Ok(self.context.stacks.get(stack::LOCALS, at))
        } else {
            self.error(ErrorKind::UnknownLocal)
        }
    }

    pub(crate) fn set_local(&mut self, index: u32, local: Local) {
        self.context.stacks.set(stack::LOCALS, index * LOCAL, local);
    }

    /// Adds a local behind the others.
    pub(crate) fn declare_local(&mut self, ty: ValType) -> Result<()> {
        let slot = self.top as u16;
        self.advance(ty.slots())?;
        let lack = self.at.lack();
        self.context.stacks.push(stack::LOCALS, Local { ty: Some(ty), slot, uses: 0 }).map_err(lack)
    }

    fn advance(&mut self, slots: u32) -> Result<()> {
        self.top += slots * 4;
        if self.top > self.max_top {
            self.max_top = self.top;
            if self.top > MAX_SLOTS * 4 {
                return self.error(ErrorKind::FrameTooLarge);
            }
        }
        Ok(())
    }

    /// Pushes a value and gives the slot that belongs to its position.
    pub(crate) fn push_place(&mut self, ty: Option<ValType>, place: Place) -> Result<u16> {
        let slot = self.top as u16;
        self.advance(ty.map_or(1, ValType::slots))?;
        let mut operand = Operand { place, ty, slot, next_use: 0 };
        if let Some(index) = place.local() {
            let mut local = self.local(u32::from(index))?;
            operand.next_use = local.uses;
            local.uses = self.height() as u16 + 1;
            self.set_local(u32::from(index), local);
        } else if place == Place::Slot && self.settled == self.height() {
            self.settled += 1;
        }
        let lack = self.at.lack();
        self.context.stacks.push(stack::OPERANDS, operand).map_err(lack)?;
        Ok(slot)
    }

    pub(crate) fn push(&mut self, ty: ValType) -> Result<u16> {
        self.push_place(Some(ty), Place::Slot)
    }

    /// Pops a value of any type.
    pub(crate) fn pop(&mut self) -> Result<Operand> {
        let height = self.height();
        if height <= self.block.height {
            if self.block.unreachable {
                return Ok(Operand { place: Place::Slot, ty: None, slot: self.top as u16, next_use: 0 });
            }
            return self.error(ErrorKind::StackUnderflow);
        }
        let operand = self.operand(height - 1);
        self.context.stacks.truncate(stack::OPERANDS, (height - 1) * OPERAND);
        self.top = u32::from(operand.slot);
        self.settled = self.settled.min(height - 1);
        if let Some(index) = operand.place.local() {
            let mut local = self.local(u32::from(index))?;
            local.uses = operand.next_use;
            self.set_local(u32::from(index), local);
        }
        Ok(operand)
    }

    /// Pops a value of this type.
    pub(crate) fn pop_type(&mut self, expected: ValType) -> Result<Operand> {
        let operand = self.pop()?;
        match operand.ty {
            Some(ty) if ty != expected => self.error(ErrorKind::TypeMismatch),
            _ => Ok(operand),
        }
    }

    /// Pops values of these types, the last first.
    pub(crate) fn pop_types(&mut self, types: &[ValType]) -> Result<()> {
        types.iter().rev().try_for_each(|&ty| self.pop_type(ty).map(drop))
    }

    pub(crate) fn push_types(&mut self, types: &[ValType]) -> Result<()> {
        types.iter().try_for_each(|&ty| self.push(ty).map(drop))
    }

    /// Checks that these types are on top, and leaves them there; in unreachable code they appear.
    pub(crate) fn expect_types(&mut self, types: &[ValType]) -> Result<()> {
        self.check_types(types)?;
        if self.block.unreachable {
            self.pop_types(types)?;
            self.push_types(types)?;
        }
        Ok(())
    }

    /// Checks that these types are on top, as far as the stack is known.
    pub(crate) fn check_types(&self, types: &[ValType]) -> Result<()> {
        let above = self.height() - self.block.height;
        for (depth, &expected) in (1..).zip(types.iter().rev()) {
            if depth > above {
                if self.block.unreachable {
                    break;
                }
                return self.error(ErrorKind::StackUnderflow);
            }
            if self.operand(self.height() - depth).ty.is_some_and(|ty| ty != expected) {
                return self.error(ErrorKind::TypeMismatch);
            }
        }
        Ok(())
    }

    /// Types that a branch to the block carries.
    pub(crate) fn label_types<'t>(&self, block: &Block, room: &'t mut [ValType; 1]) -> &'t [ValType]
    where
        'm: 't,
    {
        if block.kind == BlockKind::Loop { self.params(block.ty) } else { self.results(block.ty, room) }
    }

    pub(crate) fn params(&self, ty: BlockType) -> &'m [ValType] {
        match ty {
            BlockType::Func(index) => self.context.func_type(index).map_or(&[], |f| f.params),
            _ => &[],
        }
    }

    /// The same for equal types.
    pub(crate) fn canonical(&self, ty: BlockType) -> BlockType {
        match ty {
            BlockType::Func(index) => BlockType::Func(self.context.type_entry(index).map_or(index, |e| e.canonical)),
            short => short,
        }
    }

    /// Types that a block leaves; `room` holds the one of a short form.
    pub(crate) fn results<'t>(&self, ty: BlockType, room: &'t mut [ValType; 1]) -> &'t [ValType]
    where
        'm: 't,
    {
        match ty {
            BlockType::Empty => &[],
            BlockType::Value(value) => {
                *room = [value];
                room
            }
            BlockType::Func(index) => self.context.func_type(index).map_or(&[], |f| f.results),
        }
    }

    /// The place in `stack::SORT` for what is known of a function type as the type of a label: of a loop or of another block.
    fn mark_of(&self, (is_loop, ty): (bool, BlockType)) -> Option<u32> {
        let BlockType::Func(index) = ty else { return None };
        Some((index * 2 + u32::from(is_loop)) * 4)
    }

    /// Whether labels of this type were checked by the current instruction.
    pub(crate) fn is_marked(&self, label: (bool, BlockType)) -> bool {
        let stacks = &self.context.stacks;
        let mark = self.mark_of(label).filter(|&at| at < stacks.len(stack::SORT));
        mark.is_some_and(|at| stacks.get::<u32>(stack::SORT, at) == self.at.offset())
    }

    /// Remembers that labels of this type were checked by the current instruction, if the type is long enough to be worth it.
    pub(crate) fn mark(&mut self, label: (bool, BlockType)) -> Result<()> {
        let Some(at) = self.mark_of(label) else { return Ok(()) };
        let len = self.context.func_type(at / 8).map_or(0, |ty| ty.params.len() + ty.results.len());
        if len < WORTH_MARKING {
            return Ok(());
        }
        while self.context.stacks.len(stack::SORT) < self.context.header.types * 8 {
            self.context.push(stack::SORT, 0u32, self.at.offset())?;
        }
        self.context.stacks.set(stack::SORT, at, self.at.offset());
        Ok(())
    }

    /// Opens a block over its parameters, which must be on the stack.
    pub(crate) fn open(&mut self, kind: BlockKind, ty: BlockType) -> Result<()> {
        let params = self.params(ty);
        self.expect_types(params)?;
        let height = self.height() - (params.len() as u32).min(self.height());
        let base = if params.is_empty() { self.top as u16 } else { self.operand(height).slot };
        let block = Block { kind, ty, height, base, unreachable: false, label: Label::default() };
        let lack = self.at.lack();
        let outer = core::mem::replace(&mut self.block, block);
        self.context.stacks.push(stack::BLOCKS, outer).map_err(lack)
    }

    /// Checks that a block's results, and nothing else, are on the stack at its end.
    pub(crate) fn check_end(&mut self) -> Result<()> {
        let mut room = [ValType::I32];
        let results = self.results(self.block.ty, &mut room);
        self.expect_types(results)?;
        if self.height() - self.block.height != results.len() as u32 {
            return self.error(ErrorKind::StackLeftover);
        }
        Ok(())
    }

    /// Drops the block's operands.
    pub(crate) fn clear(&mut self) -> Result<()> {
        while self.height() > self.block.height {
            self.pop()?;
        }
        Ok(())
    }

    /// Marks the rest of the block as unreachable.
    pub(crate) fn set_unreachable(&mut self) -> Result<()> {
        self.clear()?;
        self.block.unreachable = true;
        Ok(())
    }

    /// Closes the innermost block and gives it back; `None` was the function's own.
    pub(crate) fn close(&mut self) -> Option<Block> {
        let outer = self.context.stacks.pop::<Block>(stack::BLOCKS)?;
        Some(core::mem::replace(&mut self.block, outer))
    }

    /// Blocks around the innermost one.
    pub(crate) fn depth(&self) -> u32 {
        self.context.stacks.len(stack::BLOCKS) / BLOCK
    }

    /// The block that a label names.
    pub(crate) fn label(&self, depth: u32) -> Result<Block> {
        match self.depth().checked_sub(depth) {
            Some(_) if depth == 0 => Ok(self.block),
            Some(index) => Ok(self.context.stacks.get(stack::BLOCKS, index * BLOCK)),
            None => self.error(ErrorKind::UnknownLabel),
        }
    }

    /// Writes back what the translator keeps of a label.
    pub(crate) fn set_label(&mut self, depth: u32, label: Label) {
        if depth == 0 {
            self.block.label = label;
        } else if let Some(index) = self.depth().checked_sub(depth) {
            let mut block: Block = self.context.stacks.get(stack::BLOCKS, index * BLOCK);
            block.label = label;
            self.context.stacks.set(stack::BLOCKS, index * BLOCK, block);
        }
    }

    /// Reads a block type and looks up its index.
    pub(crate) fn block_type(&mut self) -> Result<BlockType> {
        let at = self.reader;
        let value = self.reader.i33()?;
        match u32::try_from(value) {
            Ok(index) if self.context.type_entry(index).is_some() => return Ok(BlockType::Func(index)),
            Ok(_) => return at.error(ErrorKind::UnknownType),
            Err(_) => {}
        }
        // A negative number of one byte is the short form of a value type, or empty.
        self.reader = at;
        match self.reader.byte()? {
            0x40 => Ok(BlockType::Empty),
            byte => {
                ValType::from_byte(byte).map_or_else(|| self.reader.refuse_type(byte), |ty| Ok(BlockType::Value(ty)))
            }
        }
    }
}
