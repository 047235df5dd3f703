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
    # Typer 0.29 imports pydantic for every command with a parameter, which no option of its turns off: a dry run of
    # `attach` then takes half as long again (2.8 times the imports of typer and jinja2, where 0.27.3 took 1.8 beside
    # it; tests/bench holds 1.5 on a quiet machine).  0.28 does not, and costs what 0.27.3 does.
    install_requires=[
        *("sh>=2", "typer>=0.27,<0.29", "jinja2>=3", "rich>=13.7"),
        # Imported by bridgekit.lab alone.  libyaml reads a file of a thousand guests in a third of the time.
        *("pydantic>=2.7", "ruamel.yaml[oldlibyaml]>=0.18.6"),
    ],
    # An editable install is then a folder on the path, which a folder `bridgekit` where one stands cannot come before:
    # a clone is such a folder, and would be a package without anything in it.
    options={"editable_wheel": {"mode": "compat"}},
    extras_require={
        # ansible-core is started as a program, for tests alone.
        "test": ["pytest>=8", "pytest-subprocess", "pytest-xdist", "hypothesis", "babel", "ansible-core>=2.16"],
        "lint": ["mypy", "ruff"],
    },
    entry_points={"console_scripts": ["bridgekit = bridgekit.__main__:main"]},
)
