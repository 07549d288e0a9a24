using Flotilla.Portal.Identity.Issuer;

namespace Flotilla.Portal.Identity.Tests.Issuer;

public sealed class UserCodeTests
{
    [Theory]
    [InlineData("BCDF-GHJK", "BCDF-GHJK")]
    [InlineData("bcdfghjk", "BCDF-GHJK")]
    [InlineData(" bcdf ghjk ", "BCDF-GHJK")]
    [InlineData("bcdf", "BCDF")]
    [InlineData("", "")]
    public void A_code_is_read_as_people_type_it(string typed, string code) => Assert.Equal(code, DeviceGrants.Normalize(typed));

    [Fact]
    public void A_new_code_is_already_as_it_is_kept()
    {
        for (var i = 0; i < 100; i++)
        {
            var code = DeviceGrants.NewUserCode();
            Assert.Equal(code, DeviceGrants.Normalize(code));
            Assert.DoesNotContain(code, letter => "AEIOUY0O1".Contains(letter));
        }
    }
}
