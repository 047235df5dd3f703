"""bridgekit's packaging; the templates at top level travel inside the package."""

from setuptools import find_packages, setup

setup(
    name="bridgekit",
    version="0.1.0",
    description="Container networks made by hand: read, run or learn the exact ip, brctl, iptables, sysctl sequence.",
    license="MIT",
    python_requires=">=3.11",
    packages=[*find_packages(include=["bridgekit", "bridgekit.*"]), "bridgekit.templates"],
    package_dir={"bridgekit.templates": "templates"},
    package_data={"bridgekit": ["py.typed"], "bridgekit.dialects": ["*.toml"], "bridgekit.templates": ["**/*"]},
    install_requires=["sh>=2", "typer>=0.27,<0.28", "jinja2>=3", "rich>=13.7"],
    # An editable install is then a folder on the path, which a folder `bridgekit` where one stands cannot come before:
    # a clone is such a folder, and would be a package without anything in it.
    options={"editable_wheel": {"mode": "compat"}},
    extras_require={
        "test": ["pytest>=8", "pytest-subprocess", "pytest-xdist", "hypothesis", "babel"],
        "lint": ["mypy", "ruff"],
    },
    entry_points={"console_scripts": ["bridgekit = bridgekit.__main__:main"]},
)
