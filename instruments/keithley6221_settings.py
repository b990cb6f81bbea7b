"""The settings of a 6221 as declared properties: pymeasure's, strict, and those that it lacks."""

from instruments.declared import control, measurement
from instruments.domains import Choice, Flag, Real, Several, Whole
from instruments.keithley6221_registers import LINE, ON_OFF, SystemSettings

FULL_SCALE = 0.105
"""Largest current in A, 5 % above the 100 mA range."""
CURRENT = Real(-FULL_SCALE, FULL_SCALE, "A")
MAGNITUDE = Real(0.0, FULL_SCALE, "A")
DELAY = Real(1e-3, 9999.999, "s", infinite=True)
COUNT = Whole(1, 65536, infinite=True)


class OutputSettings:
    """Output, level and range."""

    source_enabled = control(
        ":OUTP?", ":OUTP %s", ON_OFF, """Control whether the output is on (bool)."""
    )
    shield_to_guard_enabled = control(
        ":OUTP:ISH?",
        ":OUTP:ISH %s",
        Choice({True: "GUAR", False: "OLOW"}),
        """Control whether the inner shield is at guard instead of output low (bool).""",
    )
    output_low_grounded = control(
        ":OUTP:LTE?", ":OUTP:LTE %s", ON_OFF, """Control whether output low is earthed (bool)."""
    )
    output_response = control(
        ":OUTP:RESP?",
        ":OUTP:RESP %s",
        Choice({"fast": "FAST", "slow": "SLOW"}),
        """Control the response of the output (str, strictly 'fast' or 'slow').""",
    )
    interlock_tripped = measurement(
        ":OUTP:INT:TRIP?", Flag(), """Get whether the interlock is tripped (bool)."""
    )
    source_delay = control(
        ":SOUR:DEL?",
        ":SOUR:DEL %s",
        Real(1e-3, 999999.999, "s"),
        """Control the source delay in s (float strictly from 1e-3 to 999999.999).""",
    )
    source_current = control(
        ":SOUR:CURR?",
        ":SOUR:CURR %s",
        CURRENT,
        """Control the source current in A (float strictly from -0.105 to 0.105).""",
    )
    source_compliance = control(
        ":SOUR:CURR:COMP?",
        ":SOUR:CURR:COMP %s",
        Real(0.1, 105.0, "V"),
        """Control the compliance in V (float strictly from 0.1 to 105).""",
    )
    source_range = control(
        ":SOUR:CURR:RANG?",
        ":SOUR:CURR:RANG:AUTO 0;:SOUR:CURR:RANG %s",
        CURRENT,
        """Control the fixed range by a current in A that it holds (float, -0.105 to 0.105).""",
    )
    source_auto_range = control(
        ":SOUR:CURR:RANG:AUTO?",
        ":SOUR:CURR:RANG:AUTO %s",
        ON_OFF,
        """Control whether the range follows the level, through 0 A at each change (bool).""",
    )
    source_filter_enabled = control(
        ":SOUR:CURR:FILT?",
        ":SOUR:CURR:FILT %s",
        ON_OFF,
        """Control the analog filter of the output (bool).""",
    )


class SweepSettings:
    """Staircase sweeps."""

    sweep_start = control(
        ":SOUR:CURR:STAR?", ":SOUR:CURR:STAR %s", CURRENT, """Control the start of a sweep in A."""
    )
    sweep_stop = control(
        ":SOUR:CURR:STOP?", ":SOUR:CURR:STOP %s", CURRENT, """Control the end of a sweep in A."""
    )
    sweep_step = control(
        ":SOUR:CURR:STEP?",
        ":SOUR:CURR:STEP %s",
        Real(1e-13, FULL_SCALE, "A"),
        """Control the step of a sweep in A (float strictly from 1e-13 to 0.105).""",
    )
    sweep_spacing = control(
        ":SOUR:SWE:SPAC?",
        ":SOUR:SWE:SPAC %s",
        Choice({"linear": "LIN", "logarithmic": "LOG", "list": "LIST"}),
        """Control the spacing of a sweep (str, 'linear', 'logarithmic' or 'list').""",
    )
    sweep_points = control(
        ":SOUR:SWE:POIN?",
        ":SOUR:SWE:POIN %s",
        Whole(1, 65535),
        """Control the number of points of a sweep (int strictly from 1 to 65535).""",
    )
    sweep_ranging = control(
        ":SOUR:SWE:RANG?",
        ":SOUR:SWE:RANG %s",
        Choice({"best": "BEST", "auto": "AUTO", "fixed": "FIX"}),
        """Control the ranging of a sweep (str, 'best', 'auto' or 'fixed').""",
    )
    sweep_compliance_abort_enabled = control(
        ":SOUR:SWE:CAB?",
        ":SOUR:SWE:CAB %s",
        ON_OFF,
        """Control whether compliance ends a sweep (bool).""",
    )


class DeltaSettings:
    """Delta mode and differential conductance with a 2182A."""

    delta_unit = control(
        ":UNIT:VOLT:DC?",
        ":UNIT:VOLT:DC %s",
        Choice({"V": "V", "Ohms": "OHMS", "W": "W", "Siemens": "SIEM"}),
        """Control the reading unit (str, 'V', 'Ohms', 'W' or 'Siemens').""",
    )
    delta_high_source = control(
        ":SOUR:DELT:HIGH?",
        ":SOUR:DELT:HIGH %s",
        MAGNITUDE,
        """Control the high level in A (float strictly from 0 to 0.105); the low one follows.""",
    )
    delta_low_source = control(
        ":SOUR:DELT:LOW?",
        ":SOUR:DELT:LOW %s",
        Real(-FULL_SCALE, 0.0, "A"),
        """Control the low level in A (float strictly from -0.105 to 0).""",
    )
    delta_delay = control(
        ":SOUR:DELT:DEL?",
        ":SOUR:DELT:DEL %s",
        DELAY,
        """Control the delta delay in s (float strictly from 1e-3 to 9999.999, or infinity).""",
    )
    delta_cycles = control(
        ":SOUR:DELT:COUN?",
        ":SOUR:DELT:COUN %s",
        COUNT,
        """Control the number of cycles (int strictly from 1 to 65536, or infinity).""",
    )
    delta_measurement_sets = control(
        ":SOUR:SWE:COUN?",
        ":SOUR:SWE:COUN %s",
        COUNT,
        """Control how often the sweep is repeated (int strictly from 1 to 65536, or infinity).""",
    )
    delta_compliance_abort_enabled = control(
        ":SOUR:DELT:CAB?",
        ":SOUR:DELT:CAB %s",
        ON_OFF,
        """Control whether compliance ends delta mode (bool).""",
    )
    delta_cold_switch_enabled = control(
        ":SOUR:DELT:CSW?", ":SOUR:DELT:CSW %s", ON_OFF, """Control cold switching (bool)."""
    )
    delta_buffer_points = control(
        ":TRAC:POIN?",
        ":TRAC:POIN %s",
        Whole(1, 65536),
        """Control the size of the buffer (int strictly from 1 to 65536).""",
    )
    delta_sense = measurement(
        ":SENS:DATA?", Several(), """Get the latest reading of delta mode (list of float)."""
    )
    delta_values = measurement(
        ":TRAC:DATA?", Several(), """Get the readings in the buffer (list of float)."""
    )
    delta_connected = measurement(
        ":SOUR:DELT:NVPR?", Flag(), """Get whether a 2182A answers (bool)."""
    )
    conductance_start = control(
        ":SOUR:DCON:STAR?", ":SOUR:DCON:STAR %s", CURRENT, """Control the first current in A."""
    )
    conductance_stop = control(
        ":SOUR:DCON:STOP?", ":SOUR:DCON:STOP %s", CURRENT, """Control the last current in A."""
    )
    conductance_step = control(
        ":SOUR:DCON:STEP?", ":SOUR:DCON:STEP %s", MAGNITUDE, """Control the step in A."""
    )
    conductance_delta = control(
        ":SOUR:DCON:DELT?", ":SOUR:DCON:DELT %s", MAGNITUDE, """Control the delta in A."""
    )
    conductance_delay = control(
        ":SOUR:DCON:DEL?",
        ":SOUR:DCON:DEL %s",
        Real(1e-3, 9999.999, "s"),
        """Control the delay in s (float strictly from 1e-3 to 9999.999).""",
    )
    buffer_points = control(
        ":TRAC:POIN?",
        ":TRAC:POIN %s",
        Whole(1, 65536),
        """Control the size of the buffer (int strictly from 1 to 65536).""",
    )


class WaveSettings:
    """The waveform generator; amplitudes are peak."""

    waveform_function = control(
        ":SOUR:WAVE:FUNC?",
        ":SOUR:WAVE:FUNC %s",
        Choice(
            {"sine": "SIN", "ramp": "RAMP", "square": "SQU"}
            | {f"arbitrary{place}": f"ARB{place}" for place in range(5)}
        ),
        """Control the form (str, 'sine', 'ramp', 'square' or 'arbitrary0' to 'arbitrary4').""",
    )
    waveform_frequency = control(
        ":SOUR:WAVE:FREQ?",
        ":SOUR:WAVE:FREQ %s",
        Real(1e-3, 1e5, "Hz"),
        """Control the frequency in Hz (float strictly from 1e-3 to 1e5).""",
    )
    waveform_amplitude = control(
        ":SOUR:WAVE:AMPL?",
        ":SOUR:WAVE:AMPL %s",
        Real(2e-12, FULL_SCALE, "A"),
        """Control the peak amplitude in A (float strictly from 2e-12 to 0.105).""",
    )
    waveform_offset = control(
        ":SOUR:WAVE:OFFS?",
        ":SOUR:WAVE:OFFS %s",
        CURRENT,
        """Control the offset in A (float strictly from -0.105 to 0.105).""",
    )
    waveform_dutycycle = control(
        ":SOUR:WAVE:DCYC?",
        ":SOUR:WAVE:DCYC %s",
        Real(0.0, 100.0, "%"),
        """Control the high part of a square or rising part of a ramp in % (float, 0 to 100).""",
    )
    waveform_duration_time = control(
        ":SOUR:WAVE:DUR:TIME?",
        ":SOUR:WAVE:DUR:TIME %s",
        Real(1e-7, 999999.999, "s", infinite=True),
        """Control the duration in s (float strictly from 1e-7 to 999999.999, or infinity).""",
    )
    waveform_duration_cycles = control(
        ":SOUR:WAVE:DUR:CYCL?",
        ":SOUR:WAVE:DUR:CYCL %s",
        Real(1e-3, 99999999900.0, "cycles", form="%.12g", infinite=True),
        """Control the duration in cycles (float from 1e-3 to 99999999900, or infinity).""",
    )
    waveform_ranging = control(
        ":SOUR:WAVE:RANG?",
        ":SOUR:WAVE:RANG %s",
        Choice({"best": "BEST", "fixed": "FIX"}),
        """Control the ranging (str, strictly 'best', chosen at arming, or 'fixed').""",
    )
    waveform_use_phasemarker = control(
        ":SOUR:WAVE:PMAR:STAT?",
        ":SOUR:WAVE:PMAR:STAT %s",
        ON_OFF,
        """Control whether the phase marker is put out (bool).""",
    )
    waveform_phasemarker_phase = control(
        ":SOUR:WAVE:PMAR?",
        ":SOUR:WAVE:PMAR %s",
        Real(0.0, 360.0, "degrees"),
        """Control the phase of the marker in degrees (float strictly from 0 to 360).""",
    )
    waveform_phasemarker_line = control(
        ":SOUR:WAVE:PMAR:OLIN?",
        ":SOUR:WAVE:PMAR:OLIN %s",
        LINE,
        """Control the trigger line of the marker (int strictly from 1 to 6).""",
    )
    waveform_armed = measurement(
        ":SOUR:WAVE:ARM?", Flag(), """Get whether the waveform is armed (bool)."""
    )
    waveform_external_start_enabled = control(
        ":SOUR:WAVE:EXTR?",
        ":SOUR:WAVE:EXTR %s",
        ON_OFF,
        """Control whether a trigger line starts the waveform (bool).""",
    )
    waveform_external_start_line = control(
        ":SOUR:WAVE:EXTR:ILIN?",
        ":SOUR:WAVE:EXTR:ILIN %s",
        Whole(0, 6),
        """Control the trigger line that starts the waveform (int strictly from 0 to 6).""",
    )
    arbitrary_points = measurement(
        ":SOUR:WAVE:ARB:POIN?", Whole(0, 65536), """Get the points of the arbitrary waveform."""
    )


class SourceSettings(OutputSettings, SweepSettings, DeltaSettings, WaveSettings, SystemSettings):
    """All declared properties of a 6221."""
