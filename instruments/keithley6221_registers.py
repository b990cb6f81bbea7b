"""Registers, triggers and formats of a 6221 as declared properties."""

from instruments.declared import control, measurement
from instruments.domains import Choice, Flag, Subset, Text, Whole

ON_OFF = Flag()
REGISTER = Whole(0, 65535)
LINE = Whole(1, 6)


class SystemSettings:
    """Registers, triggers, formats."""

    id = measurement("*IDN?", Text(), """Get the identification of the instrument.""")
    complete = measurement(
        "*OPC?", Choice({"1": "1"}), """Get '1' once all pending operations are complete (str)."""
    )
    status = measurement("*STB?", Text(), """Get the status byte (str).""")
    options = measurement("*OPT?", Text(), """Get the installed options (str).""")
    display_enabled = control(
        ":DISP:ENAB?", ":DISP:ENAB %s", ON_OFF, """Control whether the display is on (bool)."""
    )
    status_format = control(
        ":FORM:SREG?",
        ":FORM:SREG %s",
        Choice({"decimal": "ASC", "hexadecimal": "HEX", "octal": "OCT", "binary": "BIN"}),
        """Control how registers are written (str, 'decimal', 'hexadecimal', 'octal', 'binary').""",
    )
    data_format = control(
        ":FORM:DATA?",
        ":FORM:DATA %s",
        Choice({"text": "ASC", "real32": "REAL,32", "real64": "REAL,64"}),
        """Control how readings are written (str, strictly 'text', 'real32' or 'real64').""",
    )
    byte_order = control(
        ":FORM:BORD?",
        ":FORM:BORD %s",
        Choice({"normal": "NORM", "swapped": "SWAP"}),
        """Control the byte order of binary readings (str, strictly 'normal' or 'swapped').""",
    )
    data_elements = control(
        ":FORM:ELEM?",
        ":FORM:ELEM %s",
        Subset(("READ", "TST", "UNIT", "RNUM", "SOUR", "COMP", "AVOL")),
        """Control the elements of a reading (tuple of 'READ', 'TST', 'UNIT', 'SOUR', ...).""",
    )
    trigger_input_line = control(
        ":TRIG:ILIN?", ":TRIG:ILIN %s", LINE, """Control the trigger input line (int, 1 to 6)."""
    )
    trigger_output_line = control(
        ":TRIG:OLIN?", ":TRIG:OLIN %s", LINE, """Control the trigger output line (int, 1 to 6)."""
    )
    measurement_event_enabled = control(
        ":STAT:MEAS:ENAB?",
        ":STAT:MEAS:ENAB %s",
        REGISTER,
        """Control the enable mask of the measurement events (int strictly from 0 to 65535).""",
    )
    operation_event_enabled = control(
        ":STAT:OPER:ENAB?",
        ":STAT:OPER:ENAB %s",
        REGISTER,
        """Control the enable mask of the operation events (int strictly from 0 to 65535).""",
    )
    questionable_event_enabled = control(
        ":STAT:QUES:ENAB?",
        ":STAT:QUES:ENAB %s",
        REGISTER,
        """Control the enable mask of the questionable events (int strictly from 0 to 65535).""",
    )
    standard_event_enabled = control(
        "*ESE?",
        "*ESE %s",
        Whole(0, 255),
        """Control the enable mask of the standard events (int strictly from 0 to 255).""",
    )
    srq_event_enabled = control(
        "*SRE?",
        "*SRE %s",
        Whole(0, 255),
        """Control which events request service (int strictly from 0 to 255).""",
    )
    measurement_condition = measurement(
        ":STAT:MEAS:COND?", REGISTER, """Get the measurement condition as it is now (int)."""
    )
    operation_condition = measurement(
        ":STAT:OPER:COND?", REGISTER, """Get the operation condition as it is now (int)."""
    )
    questionable_condition = measurement(
        ":STAT:QUES:COND?", REGISTER, """Get the questionable condition as it is now (int)."""
    )
    operation_events = measurement(
        ":STAT:OPER?", REGISTER, """Get and clear the operation events (int)."""
    )
    questionable_events = measurement(
        ":STAT:QUES?", REGISTER, """Get and clear the questionable events (int)."""
    )
    standard_events = measurement(
        "*ESR?", Whole(0, 255), """Get and clear the standard events (int)."""
    )
