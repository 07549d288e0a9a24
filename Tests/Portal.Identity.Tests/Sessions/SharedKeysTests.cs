using Flotilla.Provisioner.Fleet;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.Portal.Identity.Tests.Sessions;

public sealed class SharedKeysTests(IdentityFixture fixture)
{
    [Fact]
    public async Task What_one_portal_protects_another_reads_and_the_database_does_not()
    {
        await using var first = fixture.Build();
        await using var second = fixture.Build();
        var cookie = first.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookie").Protect("signed in");

        Assert.Equal("signed in", second.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookie").Unprotect(cookie));

        await using var context = await first.GetRequiredService<IDbContextFactory<FleetDbContext>>().CreateDbContextAsync();
        var stored = await context.DataProtectionKeys.Select(key => key.Xml).ToListAsync();
        Assert.NotEmpty(stored);
        Assert.All(stored, xml => Assert.DoesNotContain("<masterKey", xml));
    }
}
