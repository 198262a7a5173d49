"""A labelled slider with its value at the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QVBoxLayout, QWidget


@dataclass(frozen=True, slots=True)
class Scale:
    """Values ``low`` to ``high`` in steps of ``step``; ``default`` is where a double click goes back to."""

    low: float
    high: float
    default: float
    step: float
    show: Callable[[float], str]

    def position(self, value: float) -> int:
        """Slider position of a value."""
        return round((min(max(value, self.low), self.high) - self.low) / self.step)

    def value(self, position: int) -> float:
        """Value at a slider position."""
        return round(self.low + position * self.step, 6)


class SliderRow(QWidget):
    """Label, value and slider. ``changed`` carries the value, and only comes from the user."""

    changed = Signal(float)

    def __init__(self, label: str, scale: Scale, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._value = QLabel()
        self._value.setProperty("kind", "value")
        name = QLabel(label)
        name.setProperty("kind", "muted")
        self.slider = JumpSlider(scale.position(scale.default))
        self.slider.setRange(0, scale.position(scale.high))
        self.slider.setPageStep(5)
        self.slider.setAccessibleName(label)
        self.setToolTip(tip)
        heading = QHBoxLayout()
        heading.addWidget(name)
        heading.addStretch(1)
        heading.addWidget(self._value)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(heading)
        rows.addWidget(self.slider)
        self.slider.valueChanged.connect(self._moved)
        self.set_value(scale.default)

    @property
    def value(self) -> float:
        """The value."""
        return self._scale.value(self.slider.value())

    def set_value(self, value: float) -> None:
        """Show a value, quietly."""
        self.slider.blockSignals(True)  # noqa: FBT003  Qt's own signature
        self.slider.setValue(self._scale.position(value))
        self.slider.blockSignals(False)  # noqa: FBT003  Qt's own signature
        self._value.setText(self._scale.show(self.value))

    def _moved(self, _position: int) -> None:
        self._value.setText(self._scale.show(self.value))
        self.changed.emit(self.value)


class JumpSlider(QSlider):
    """A slider that goes where it is clicked, back to its default on a double click, and never steals a scroll."""

    def __init__(self, default: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._default = default
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            travel = self.width() - handle.width()
            x = round(event.position().x() - handle.width() / 2)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, travel))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.setValue(self._default)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
