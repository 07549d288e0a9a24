using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Flotilla.Provisioner.Fleet.Migrations;

/// <summary>Written as SQL: it is what runs, and a test holds it against the model.</summary>
[DbContext(typeof(FleetDbContext))]
[Migration("20261121000000_Initial")]
internal sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("20261121000000_Initial.sql"));
}
