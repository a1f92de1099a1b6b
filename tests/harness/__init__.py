"""What the tests of all topics stand on."""
