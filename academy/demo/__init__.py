"""The demo academy: its written courses, and a year of invented history played through the real actions."""

from academy.demo.create import PASSWORD, SIGN_INS, create

__all__ = ["PASSWORD", "SIGN_INS", "create"]
