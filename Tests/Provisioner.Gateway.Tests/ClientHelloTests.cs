namespace Flotilla.Provisioner.Gateway.Tests;

public sealed class ClientHelloTests
{
    [Theory, InlineData("c1.clusters.example.org"), InlineData("x")]
    public async Task The_server_name_of_a_real_hello_is_found(string name)
    {
        var hello = await RecordedHello.OfAsync(name);
        Assert.Equal(new(ClientHello.Outcome.Found, name), ClientHello.Parse(hello));
    }

    [Fact]
    public async Task A_hello_cut_off_anywhere_is_incomplete()
    {
        var hello = await RecordedHello.OfAsync("c1.clusters.example.org");
        for (var length = 0; length < hello.Length; length++)
        {
            Assert.Equal(ClientHello.Outcome.Incomplete, ClientHello.Parse(hello.AsSpan(0, length)).Outcome);
        }
    }

    [Fact]
    public async Task A_hello_for_an_address_has_no_server_name()
    {
        var hello = await RecordedHello.OfAsync("127.0.0.1");
        Assert.Equal(ClientHello.Outcome.NoServerName, ClientHello.Parse(hello).Outcome);
    }

    [Fact]
    public void Plain_HTTP_is_not_TLS() =>
        Assert.Equal(ClientHello.Outcome.NotTls, ClientHello.Parse("GET / HTTP/1.1\r\n"u8).Outcome);

    [Fact]
    public async Task Flipped_bytes_never_throw()
    {
        var hello = await RecordedHello.OfAsync("c1.clusters.example.org");
        for (var index = 0; index < hello.Length; index++)
        {
            foreach (var value in (byte[])[0, 1, 0x7f, 0xff])
            {
                var damaged = hello.ToArray();
                damaged[index] = value;
                Assert.True(Enum.IsDefined(ClientHello.Parse(damaged).Outcome));
            }
        }
    }
}
