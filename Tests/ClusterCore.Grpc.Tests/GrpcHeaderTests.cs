namespace Flotilla.ClusterCore.Grpc.Tests;

public sealed class GrpcHeaderTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("50% off\n", "50%25 off%0A")]
    [InlineData("é", "%C3%A9")]
    public void Message_text_is_percent_encoded(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcMessageText.Encode(text));
        Assert.Equal(text, GrpcMessageText.Decode(encoded));
    }

    [Theory, InlineData("100%"), InlineData("%zz"), InlineData("%4")]
    public void What_is_no_escape_stands_for_itself(string text) => Assert.Equal(text, GrpcMessageText.Decode(text));

    [Theory]
    [InlineData("5S", 5_000), InlineData("250m", 250), InlineData("2M", 120_000), InlineData("1H", 3_600_000)]
    [InlineData("1500000u", 1_500), InlineData("1000000n", 1)]
    public void Timeouts_are_digits_and_a_unit(string header, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GrpcTimeout.Parse(header));

    [Theory, InlineData(null), InlineData(""), InlineData("S"), InlineData("5"), InlineData("123456789S"), InlineData("-1S")]
    public void Other_timeouts_are_none(string? header) => Assert.Null(GrpcTimeout.Parse(header));

    [Theory, InlineData(1), InlineData(250), InlineData(99_999_999), InlineData(3_600_000_000)]
    public void A_timeout_survives_its_header(long milliseconds)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        var header = GrpcTimeout.Format(timeout);
        Assert.True(header.Length <= 9);
        Assert.True((timeout - GrpcTimeout.Parse(header)!.Value).Duration() < TimeSpan.FromSeconds(1));
    }
}
