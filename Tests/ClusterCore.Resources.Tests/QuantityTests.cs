namespace Flotilla.ClusterCore.Resources.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0"), InlineData("100m", "100m"), InlineData("0.1", "100m"), InlineData("1000m", "1"), InlineData("1.5Gi", "1536Mi")]
    [InlineData("1024", "1024"), InlineData("1024Ki", "1Mi"), InlineData("1000k", "1M"), InlineData("12e6", "12e6"), InlineData("12E6", "12e6")]
    [InlineData("1E", "1E"), InlineData("1e3", "1e3"), InlineData("-1.5", "-1500m"), InlineData("+5", "5"), InlineData(".5", "500m")]
    [InlineData("5.", "5"), InlineData("0.0000000001", "1n"), InlineData("1.1Gi", "1181116007"), InlineData("0.5Ki", "512"), InlineData("0.5Mi", "512Ki")]
    [InlineData("9223372036854775807", "9223372036854775807"), InlineData("99999999999999999999E", "9223372036854775807")]
    [InlineData("1e100000000", "9223372036854775807e0"), InlineData("1e-100000000", "1e-9"), InlineData("0e100000000", "0"), InlineData("100u", "100u")]
    public void Quantities_have_one_canonical_form(string text, string expected)
    {
        Assert.True(Quantity.TryParse(text, out var quantity, out var error), error);
        Assert.Equal(expected.Replace("e0", ""), quantity.ToString());
        Assert.Equal(quantity.ToString(), Quantity.Parse(quantity.ToString()).ToString());
    }

    [Theory]
    [InlineData(""), InlineData("m"), InlineData("1x"), InlineData("1.2.3"), InlineData("--1"), InlineData("1 "), InlineData(" 1"), InlineData("1mi")]
    [InlineData("1e"), InlineData("1e1.5"), InlineData("0x10"), InlineData("1kk"), InlineData("."), InlineData("-"), InlineData("١")]
    public void What_is_no_quantity_is_refused(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void Messages_are_upstreams()
    {
        Assert.False(Quantity.TryParse("1mi", out _, out var suffix));
        Assert.Equal("unable to parse quantity's suffix", suffix);
        Assert.False(Quantity.TryParse("abc", out _, out var malformed));
        Assert.Equal("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", malformed);
    }

    [Theory]
    [InlineData("1", "500m", "1500m", "500m"), InlineData("1Gi", "512Mi", "1536Mi", "512Mi"), InlineData("0", "1Ki", "1Ki", "-1Ki")]
    public void Sums_and_differences_keep_the_form_of_the_left(string left, string right, string sum, string difference)
    {
        var (a, b) = (Quantity.Parse(left), Quantity.Parse(right));
        Assert.Equal(sum, (a + b).ToString());
        Assert.Equal(difference, (a - b).ToString());
    }

    [Fact]
    public void Quantities_compare_by_value()
    {
        Assert.True(Quantity.Parse("1Gi") > Quantity.Parse("1G"));
        Assert.Equal(Quantity.Parse("1"), Quantity.Parse("1000m"));
        Assert.Equal(0, Quantity.Parse("1Ki").CompareTo(Quantity.Parse("1024")));
    }

    [Fact]
    public void Whole_units_and_thousandths_round_up()
    {
        Assert.Equal((2, 1001, 1001), (Quantity.Parse("1001m").Value, Quantity.Parse("1001m").MilliValue, Quantity.Parse("1.0000001k").Value));
        Assert.Equal(-1, Quantity.Parse("-1500m").Value);
    }
}
